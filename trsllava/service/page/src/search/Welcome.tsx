import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import * as api from "../api";
import { connection } from "../api";
import { change, state } from "../state";
import { count, texts } from "../texts";
import { Picture } from "../shell/Picture";
import { lately } from "./lately";

const STARTS = 12;
const LOOKED_AT = 18;

interface Start {
  label: string;
  tiles: number;
  id: string;
}

/** Before anything is asked: what there is, and ways to begin. */
export function Welcome() {
  const facets = useSignal<api.Facets | null>(null);
  const starts = useSignal<Start[]>([]);
  const collection = useComputed(() => state.value.collection);
  const again = useComputed(() => connection.value.again);
  useSignalEffect(() => {
    void again.value; // what broke off is asked anew when the server is back
    const aborting = new AbortController();
    load(collection.value, aborting.signal, (found) => (facets.value = found)).then(
      (found) => (starts.value = found),
      () => {},
    );
    return () => aborting.abort();
  });
  const found = facets.value;
  if (found?.tiles === 0) {
    return (
      <section class="welcome">
        <h1>{texts.search.nothingIndexed}</h1>
        <p>
          {texts.search.nothingIndexedHint} <code>trsllava index FOLDER</code>
        </p>
      </section>
    );
  }
  return (
    <section class="welcome">
      <h1>{texts.search.welcome}</h1>
      <p>
        {found ? texts.search.welcomeLine(found.tiles) : " "} {texts.search.pictureTip}
      </p>
      {lately().length > 0 && (
        <p class="lately">
          <span>{texts.search.lately}</span>
          {lately().map((text) => (
            <button type="button" class="chip" key={text} onClick={() => change({ text, least: null })}>
              {text}
            </button>
          ))}
        </p>
      )}
      <h2>{texts.search.explore}</h2>
      <ul class="starts">
        {starts.value.length === 0 &&
          Array.from({ length: STARTS }, (_, at) => (
            <li key={at} class="ghost" />
          ))}
        {starts.value.map(({ label, tiles, id }) => (
          <li key={label}>
            <button type="button" onClick={() => change({ text: label, least: null })}>
              <Picture address={api.thumbnailOf(id, state.value.collection, 384)} alt="" />
              <span>
                {label} <small>{count(tiles)}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Common labels, each with the image that shows it best, no image twice. */
async function load(collection: string, signal: AbortSignal, tell: (found: api.Facets) => void): Promise<Start[]> {
  const found = await api.facets({ collection, limit: 100 }, signal);
  tell(found);
  const labels = Object.keys(found.labels).slice(0, LOOKED_AT);
  if (!labels.length) return [];
  const ask = (text: string) => api.ranking({ text, k: 1, ...(collection && { collection }) }, signal);
  const best = await Promise.all(labels.map(ask));
  const seen = new Set<string>();
  const starts: Start[] = [];
  labels.forEach((label, at) => {
    const id = best[at]?.ids[0];
    if (!id || seen.has(id) || starts.length === STARTS) return;
    seen.add(id);
    starts.push({ label, tiles: found.labels[label] ?? 0, id });
  });
  return starts;
}
