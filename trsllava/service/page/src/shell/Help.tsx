import { texts } from "../texts";
import { Dialog } from "./Dialog";
import { singleKeys, switchSingleKeys } from "./keys";

const KEYS: [string[], string][] = [
  [["/"], texts.keys.focus],
  [["←", "↑", "→", "↓"], texts.keys.move],
  [["Enter"], texts.keys.open],
  [["x"], texts.keys.select],
  [["+"], texts.keys.more],
  [["−"], texts.keys.less],
  [["+", "−", "0"], texts.keys.zoom],
  [["m"], texts.keys.map],
  [["q"], texts.keys.dialogue],
  [["y", "n", "d", "s", "u"], texts.keys.answers],
  [["1", "2", "3", "4"], texts.keys.views],
  [["t"], texts.keys.theme],
  [["Esc"], texts.keys.close],
  [["?"], texts.keys.help],
];

/** The list of keys. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={texts.keys.title} kind="narrow" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check keys-switch">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => switchSingleKeys(event.currentTarget.checked)}
        />
        {texts.keys.letters}
      </label>
    </Dialog>
  );
}
