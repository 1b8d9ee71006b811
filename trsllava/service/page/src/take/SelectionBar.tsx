import { thumbnailOf } from "../api";
import { results } from "../results";
import { Picture } from "../shell/Picture";
import { change, state } from "../state";
import { texts } from "../texts";
import { TakeButton } from "./TakeButton";

const SHOWN = 6;

/** What was selected, and what can be done with it. */
export function SelectionBar() {
  const { selected, collection } = state.value;
  const of = results.value.answer?.collection ?? collection;
  if (!selected.length) return null;
  return (
    <section class="selection" aria-label={texts.take.selection}>
      <ul>
        {selected.slice(0, SHOWN).map((id) => (
          <li key={id}>
            <button
              type="button"
              class="selection-one"
              aria-label={texts.take.open}
              onClick={() => change({ open: id })}
            >
              <Picture address={thumbnailOf(id, of, 96)} alt="" />
            </button>
          </li>
        ))}
      </ul>
      <p role="status">{texts.take.selected(selected.length)}</p>
      <TakeButton main />
      <button type="button" class="quiet" onClick={() => change({ selected: [] })}>
        {texts.take.clear}
      </button>
    </section>
  );
}
