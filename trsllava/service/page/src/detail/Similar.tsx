import { useEffect, useState } from "preact/hooks";
import { type Hit, type Item, similar, thumbnailOf } from "../api";
import { addressOf, change } from "../state";
import { texts } from "../texts";
import { Picture } from "../shell/Picture";

const SHOWN = 8;

/** The images most like an item. */
export function Similar({ item }: { item: Item }) {
  const [hits, setHits] = useState<Hit[]>([]);
  const { id } = item.tile;
  useEffect(() => {
    const aborting = new AbortController();
    setHits([]);
    similar(id, { collection: item.collection, k: SHOWN }, aborting.signal).then(
      (answer) => setHits(answer.hits),
      () => {},
    );
    return () => aborting.abort();
  }, [id]);
  if (!hits.length) return null;
  return (
    <section>
      <h3>{texts.detail.similar}</h3>
      <ul class="strip">
        {hits.map((hit) => (
          <li key={hit.tile.id}>
            <a
              href={addressOf({ open: hit.tile.id })}
              aria-label={hit.why.text}
              title={hit.why.text}
              onClick={(event) => {
                event.preventDefault();
                change({ open: hit.tile.id });
              }}
            >
              <Picture address={thumbnailOf(hit.tile.id, item.collection, 192)} alt="" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
