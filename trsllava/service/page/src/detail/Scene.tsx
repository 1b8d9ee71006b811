import { useEffect, useState } from "preact/hooks";
import { type Hit, type Item, similar } from "../api";
import { addressOf, change } from "../state";
import { texts } from "../texts";

const MOST = 1000;
type Window = Item["tile"]["window"];

/** The other tiles of the same scene, as they lie in it. */
export function Scene({ item }: { item: Item }) {
  const [hits, setHits] = useState<Hit[]>([]);
  const { id, window: own } = item.tile;
  const file = item.paths[0];
  useEffect(() => {
    setHits([]);
    if (!file) return;
    const aborting = new AbortController();
    const query = { collection: item.collection, source: [file], all_tiles: true, k: MOST };
    similar(id, query, aborting.signal).then(
      (answer) => setHits(answer.hits),
      () => {},
    );
    return () => aborting.abort();
  }, [id, file]);
  if (!hits.length) return null;
  const windows = [own, ...hits.map((hit) => hit.tile.window)];
  const width = Math.max(...windows.map(([col, , wide]) => col + wide));
  const height = Math.max(...windows.map(([, row, , high]) => row + high));
  return (
    <section>
      <h3>{texts.detail.scene}</h3>
      <p>
        <small>{texts.detail.sceneHint(windows.length)}</small>
      </p>
      <svg class="scene" viewBox={`0 0 ${width} ${height}`}>
        {hits.map(({ tile, why }) => {
          const [col, row, wide, high] = tile.window;
          return (
            <a
              key={tile.id}
              href={addressOf({ open: tile.id })}
              aria-label={why.text}
              class={overlaps(tile.window, own) ? "overlapping" : ""}
              onClick={(event) => {
                event.preventDefault();
                change({ open: tile.id });
              }}
            >
              <title>{why.text}</title>
              <rect x={col} y={row} width={wide} height={high} />
            </a>
          );
        })}
        <rect class="own" x={own[0]} y={own[1]} width={own[2]} height={own[3]} />
      </svg>
    </section>
  );
}

const overlaps = ([c1, r1, w1, h1]: Window, [c2, r2, w2, h2]: Window) =>
  c1 < c2 + w2 && c2 < c1 + w1 && r1 < r2 + h2 && r2 < r1 + h1;
