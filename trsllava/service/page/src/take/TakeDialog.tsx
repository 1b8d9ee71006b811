import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { request } from "../api";
import { Copy } from "../detail/Detail";
import { useAct } from "../jobs/acting";
import { candidates, shown, wholeBody } from "../results";
import { Dialog } from "../shell/Dialog";
import { searchOf, state } from "../state";
import { texts } from "../texts";
import { type Asked, curlOf, pythonOf } from "./snippets";

const FORMS = ["geojson", "csv", "stac", "geoparquet", "html"] as const;
const NAMES: Record<(typeof FORMS)[number], string> = {
  geojson: "selection.geojson",
  csv: "selection.csv",
  stac: "selection.stac.json",
  geoparquet: "selection.parquet",
  html: "selection.html",
};
const MOST = 1000;

/** The selection, or all that is shown, as a file or as lines to run elsewhere. */
export function TakeDialog({ onClose }: { onClose: () => void }) {
  const { selected, collection, least, picture } = state.value;
  const [all, setAll] = useState(!selected.length);
  const [language, setLanguage] = useState<"python" | "curl">("python");
  const taken = useSignal("");
  const { act, busy, problem } = useAct();
  const ids = all ? shown.value.slice(0, MOST).map((one) => one.id) : selected;
  const chosen = new Set(ids);
  const unplaced = candidates.value.filter((one) => chosen.has(one.id) && !one.footprint).length;
  const asked: Asked = {
    body: searchOf(state.value),
    least,
    pictured: Boolean(picture),
    ids: all ? [] : selected,
    collection,
  };
  const snippet = language === "python" ? pythonOf(asked) : curlOf(asked);

  const take = async (format: (typeof FORMS)[number]) => {
    const search = asked.body ? await wholeBody().catch(() => null) : null;
    const body = { ids, format, ...(search && { search }), ...(collection && { collection }) };
    const response = await request("/v1/export", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    save(await response.blob(), NAMES[format]);
    taken.value = texts.take.saved(NAMES[format]);
  };
  return (
    <Dialog title={texts.take.title} kind="take" onClose={onClose}>
      <div class="take-body">
        <fieldset class="take-what">
          <legend>{texts.take.what}</legend>
          {selected.length > 0 && (
            <label class="check">
              <input type="radio" name="what" checked={!all} onChange={() => setAll(false)} />
              {texts.take.onlySelected(selected.length)}
            </label>
          )}
          <label class="check">
            <input type="radio" name="what" checked={all} onChange={() => setAll(true)} />
            {texts.take.all(Math.min(shown.value.length, MOST), shown.value.length)}
          </label>
        </fieldset>
        <ul class="take-forms">
          {FORMS.map((form) => (
            <li key={form}>
              <button type="button" disabled={busy || !ids.length} onClick={() => act(() => take(form))}>
                <b>{texts.take.forms[form].name}</b>
                <small>{texts.take.forms[form].hint}</small>
              </button>
            </li>
          ))}
        </ul>
        {unplaced > 0 && <p class="soft">{texts.take.unplaced(unplaced)}</p>}
        <p role="status">{busy ? texts.detail.loading : taken.value}</p>
        {problem && (
          <p class="job-error" role="alert">
            {problem}
          </p>
        )}
        <div class="take-snippet">
          <div role="group" aria-label={texts.take.again}>
            <button type="button" aria-pressed={language === "python"} onClick={() => setLanguage("python")}>
              Python
            </button>
            <button type="button" aria-pressed={language === "curl"} onClick={() => setLanguage("curl")}>
              curl
            </button>
            <Copy label={texts.take.copy} text={() => snippet} />
          </div>
          <pre tabIndex={0} aria-label={texts.take.again}>
            {snippet}
          </pre>
        </div>
      </div>
    </Dialog>
  );
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
