import { useEffect, useState } from "preact/hooks";
import { about } from "../api";
import { state } from "../state";
import { texts } from "../texts";
import { useAct } from "./acting";
import { startJob } from "./calls";

type Words = "nano" | "vllm" | "file";
const OPTIONS = ["prune", "dedupe", "recaption_stale", "recaption_fewer"] as const;

/** Starts an index or a reindex. */
export function JobForm({ onStarted }: { onStarted: () => Promise<void> }) {
  const [roots, setRoots] = useState<string[] | null>(null);
  const [folder, setFolder] = useState("");
  const [words, setWords] = useState<Words>("nano");
  const [captions, setCaptions] = useState("");
  const [chosen, setChosen] = useState<Partial<Record<(typeof OPTIONS)[number], boolean>>>({});
  const { act, busy, problem } = useAct();
  useEffect(() => {
    void about().then(
      ({ roots: given }) => {
        setRoots(given);
        setFolder((before) => before || (given[0] ?? ""));
      },
      () => {},
    );
  }, []);
  const of = state.value.collection ? { collection: state.value.collection } : {};
  const start = async () => {
    const source = words === "file" ? { captions } : { captioner: words };
    await startJob({ kind: "index", folder, ...source, ...chosen, ...of });
    await onStarted();
  };
  return (
    <form
      class="job-form panel"
      aria-label={texts.jobs.start}
      onSubmit={(event) => {
        event.preventDefault();
        void act(start);
      }}
    >
      {roots?.length === 0 && (
        <p class="soft">
          {texts.jobs.noRoots} <code>trsllava serve --root FOLDER</code>
        </p>
      )}
      <label>
        {texts.jobs.folder}
        <input
          required
          list="roots"
          autocomplete="off"
          spellcheck={false}
          value={folder}
          onInput={(event) => setFolder(event.currentTarget.value)}
        />
        <datalist id="roots">
          {roots?.map((root) => (
            <option key={root} value={root} />
          ))}
        </datalist>
      </label>
      <label>
        {texts.jobs.words}
        <select value={words} onChange={(event) => setWords(event.currentTarget.value as Words)}>
          {(["nano", "vllm", "file"] as const).map((one) => (
            <option key={one} value={one}>
              {texts.jobs.captioners[one]}
            </option>
          ))}
        </select>
      </label>
      {words === "file" && (
        <label>
          {texts.jobs.captions}
          <input
            required
            autocomplete="off"
            spellcheck={false}
            value={captions}
            onInput={(event) => setCaptions(event.currentTarget.value)}
          />
        </label>
      )}
      <details>
        <summary>{texts.jobs.more}</summary>
        {OPTIONS.map((one) => (
          <label class="check" key={one}>
            <input
              type="checkbox"
              checked={chosen[one] ?? false}
              onChange={(event) => setChosen({ ...chosen, [one]: event.currentTarget.checked })}
            />
            {texts.jobs.options[one]}
          </label>
        ))}
      </details>
      {problem && (
        <p class="job-error" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="main" disabled={busy}>
          {texts.jobs.start}
        </button>
        <button
          type="button"
          disabled={busy}
          title={texts.jobs.reindexHint}
          onClick={() => act(async () => void (await startJob({ kind: "reindex", ...of }), await onStarted()))}
        >
          {texts.jobs.reindex}
        </button>
      </div>
    </form>
  );
}
