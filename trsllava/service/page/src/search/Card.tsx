import { useComputed } from "@preact/signals";
import { type Item, type Part, thumbnailOf } from "../api";
import { hovered, results, type Shown } from "../results";
import { addressOf, change, state, toggleSelected } from "../state";
import { texts } from "../texts";
import { Icon } from "../shell/icons";
import { Picture } from "../shell/Picture";
import { useItem } from "./items";
import { lessLike, moreLike } from "./likeness";
import { Marked, matches, type Stems } from "./marks";

const SETTLED = 150;
const FEW = 30;

/** A hit: its picture, how well it fits, and the words that made it one. */
export function Card(props: { one: Shown; index: number; total: number; stems: Stems; tabbed: boolean }) {
  const { one, stems, tabbed } = props;
  const { collection } = results.value.ranking ?? { collection: "" };
  // The best hits' reasons are under way; the others' descriptions are asked for where one stops to look.
  const waiting = one.hit || (props.index < FEW && !results.value.answer);
  const item = useItem(waiting ? "" : one.id, collection, { after: SETTLED });
  const why = one.hit?.why.text ?? (item ? bestPassage(item, stems) : "");
  const selected = useComputed(() => state.value.selected.includes(one.id));
  const lit = useComputed(() => hovered.value === one.id);
  const tab = tabbed ? 0 : -1;
  const name = why || texts.search.rank(props.index + 1, props.total);
  return (
    <article
      class={`card ${selected.value ? "selected" : ""} ${lit.value ? "lit" : ""}`}
      onMouseEnter={() => (hovered.value = one.id)}
      onMouseLeave={() => (hovered.value = "")}
    >
      <a
        class="card-link"
        href={addressOf({ open: one.id })}
        tabIndex={tab}
        data-index={props.index}
        aria-label={`${texts.search.rank(props.index + 1, props.total)}: ${name}`}
        onFocus={() => (hovered.value = one.id)}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          change({ open: one.id });
        }}
      >
        <Picture address={thumbnailOf(one.id, collection)} alt="" />
      </a>
      <div class="card-tools">
        <button
          type="button"
          class="tool select"
          tabIndex={tab}
          aria-pressed={selected.value}
          aria-label={texts.search.select}
          title={texts.search.select}
          onClick={() => toggleSelected(one.id)}
        >
          <Icon name="check" />
        </button>
        <span class="tool-pair">
          <button
            type="button"
            class="tool"
            tabIndex={tab}
            aria-label={texts.search.moreLike}
            title={texts.search.moreLike}
            onClick={() => moreLike(one.id)}
          >
            <Icon name="more" />
          </button>
          <button
            type="button"
            class="tool"
            tabIndex={tab}
            aria-label={texts.search.lessLike}
            title={texts.search.lessLike}
            onClick={() => void lessLike(one, collection)}
          >
            <Icon name="less" />
          </button>
        </span>
      </div>
      <div class="card-text">
        <div class="card-score">
          <b class="score" title={texts.search.score}>
            {one.score.toFixed(2)}
          </b>
          <Shares shares={one.shares} />
          {one.hit?.relevance != null && (
            <span class="chance" title={texts.search.relevance}>
              {texts.search.likely(one.hit.relevance)}
            </span>
          )}
          {one.hit && one.hit.merged > 0 && <span class="merged">{texts.search.merged(one.hit.merged)}</span>}
        </div>
        <p>
          <Marked text={why} stems={stems} />
        </p>
      </div>
    </article>
  );
}

/** What each branch adds to a score, as a bar. */
export function Shares({ shares }: { shares: Shown["shares"] }) {
  const parts = Object.entries(shares) as [Part, number][];
  const whole = parts.reduce((sum, [, share]) => sum + Math.max(share, 0), 0) || 1;
  const told = parts.map(([part, share]) => texts.search.share(texts.search.parts[part], share)).join(", ");
  return (
    <span class="shares" role="img" aria-label={told} title={told}>
      {parts.map(([part, share]) => (
        <i key={part} class={`part-${part}`} style={{ width: `${(100 * Math.max(share, 0)) / whole}%` }} />
      ))}
    </span>
  );
}

/** The sentence of an item that has most of the words; its first where none has any. */
function bestPassage({ text }: Item, stems: Stems): string {
  const passages = text?.variants.flatMap(({ one_sentence, feature, caption }) => [
    one_sentence,
    ...caption.split(/(?<=[.!?])\s+/),
    feature.join(", "),
  ]);
  const best = passages?.filter(Boolean).map((passage) => ({ passage, words: matches(passage, stems) })) ?? [];
  return best.reduce((a, b) => (b.words > a.words ? b : a), best[0] ?? { passage: "", words: 0 }).passage;
}
