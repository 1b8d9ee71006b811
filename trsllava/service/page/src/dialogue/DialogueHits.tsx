import { thumbnailOf } from "../api";
import { hovered } from "../results";
import { addressOf, change, state, toggleSelected } from "../state";
import { percent, texts } from "../texts";
import { Icon } from "../shell/icons";
import { Picture } from "../shell/Picture";
import { answer, busy, type DialogueHit, pick, standing } from "./dialogue";

/** The hits as the dialogue ranks them: how likely each is the one, and how the last answer moved it. */
export function DialogueHits() {
  const now = standing.value;
  if (!now) return null;
  return (
    <ul class={`dialogue-hits ${busy.value ? "stale" : ""}`} aria-label={texts.search.results}>
      {now.hits.map((hit) => (
        <li key={hit.tile.id}>
          <Hit hit={hit} collection={now.collection} picked={now.dialogue.picked === hit.tile.id} />
        </li>
      ))}
    </ul>
  );
}

function Hit({ hit, collection, picked }: { hit: DialogueHit; collection: string; picked: boolean }) {
  const { id } = hit.tile;
  const selected = state.value.selected.includes(id);
  return (
    <article
      class={`card ${picked || selected ? "selected" : ""}`}
      onMouseEnter={() => (hovered.value = id)}
      onMouseLeave={() => (hovered.value = "")}
    >
      <a
        class="card-link"
        href={addressOf({ open: id })}
        aria-label={`${texts.search.rank(hit.rank, standing.value?.hits.length ?? 0)}: ${hit.text}`}
        onClick={(event) => {
          event.preventDefault();
          change({ open: id });
        }}
      >
        <Picture address={thumbnailOf(id, collection)} alt="" />
      </a>
      <div class="card-tools">
        <button
          type="button"
          class="tool select"
          aria-pressed={selected}
          aria-label={texts.search.select}
          title={texts.search.select}
          onClick={() => toggleSelected(id)}
        >
          <Icon name="check" />
        </button>
        <span class="tool-pair">
          <button
            type="button"
            class="tool"
            aria-label={texts.search.moreLike}
            title={texts.search.moreLike}
            onClick={() => void answer(`more like ${hit.rank}`)}
          >
            <Icon name="more" />
          </button>
          <button
            type="button"
            class="tool"
            aria-label={texts.search.lessLike}
            title={texts.search.lessLike}
            onClick={() => void answer(`less like ${hit.rank}`)}
          >
            <Icon name="less" />
          </button>
        </span>
      </div>
      <div class="dialogue-text">
        <div class="card-score">
          <b title={texts.dialogue.chance}>{percent(hit.chance)}</b>
          <Moved hit={hit} />
          <button type="button" class="link" onClick={() => void pick(id)} disabled={picked}>
            {picked ? texts.dialogue.picked : texts.dialogue.thisOne}
          </button>
        </div>
        <p class="evidence">
          {hit.agrees.map((one) => (
            <span class="agrees" key={one}>
              {one}
            </span>
          ))}
          {hit.differs.map((one) => (
            <span class="differs" key={one}>
              {one}
            </span>
          ))}
        </p>
      </div>
    </article>
  );
}

/** Whether a hit rose or fell with the last answer, and how far. */
function Moved({ hit: { rank, before } }: { hit: DialogueHit }) {
  if (before === null || before === rank) return null;
  const rose = before > rank;
  const said = rose ? texts.dialogue.rose(before - rank) : texts.dialogue.fell(rank - before);
  return (
    <span class={`moved ${rose ? "rose" : "fell"}`} role="img" aria-label={said} title={said}>
      {rose ? "▲" : "▼"} {Math.abs(before - rank)}
    </span>
  );
}
