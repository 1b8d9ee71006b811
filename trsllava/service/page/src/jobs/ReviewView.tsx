import { useEffect, useRef, useState } from "preact/hooks";
import { connection, renderOf, type RichCaption } from "../api";
import { useKeys } from "../shell/keys";
import { Picture } from "../shell/Picture";
import { change, state } from "../state";
import { count, percent, texts } from "../texts";
import { wordsOf } from "./acting";
import { report as askForReport, type Report, sample, type SampledItem, type Verdict } from "./calls";
import { refused, send, undelivered } from "./verdicts";

const PART = 200;
const SIDE = 1024;

/** A tenth of the captions, to be judged one after the other, by keys. */
export function ReviewView() {
  const { collection, reviewer, seed } = state.value;
  const [items, setItems] = useState<SampledItem[] | null>(null);
  const [drawn, setDrawn] = useState(0);
  const [place, setPlace] = useState(0);
  const [trouble, setTrouble] = useState("");
  const note = useRef<HTMLInputElement>(null);
  const name = useRef<HTMLInputElement>(null);

  const asked = JSON.stringify([collection, seed, reviewer]);
  const known = useRef("");
  useEffect(() => {
    if (known.current === asked) return; // a server that is back has nothing new to say
    const stopped = new AbortController();
    setItems(null);
    load(collection, seed, reviewer, stopped.signal, (found, all) => {
      setItems(found);
      setDrawn(all);
    }).then(
      (found) => {
        known.current = asked;
        setPlace(Math.max(0, found.findIndex((one) => !one.verdict)));
        setTrouble("");
      },
      (error) => setTrouble(wordsOf(error)),
    );
    return () => stopped.abort();
  }, [asked, connection.value.again]);

  const item = items?.[place];
  const move = (step: number) => items && setPlace(Math.min(Math.max(place + step, 0), items.length));
  const decide = (verdict: Verdict) => {
    if (!reviewer) name.current?.focus();
    if (!item || !reviewer) return;
    const said = note.current?.value.trim() ?? "";
    send({ collection, reviewer, verdict: { id: item.id, verdict, text_digest: item.text_digest, note: said } });
    setItems(items.map((one) => (one === item ? { ...one, verdict, note: said } : one)));
    note.current?.blur();
    setPlace(place + 1);
  };
  useKeys({
    a: () => decide("accept"),
    r: () => decide("reject"),
    j: () => move(1),
    k: () => move(-1),
    ArrowRight: () => move(1),
    ArrowLeft: () => move(-1),
    n: () => note.current?.focus(),
    Escape: () => note.current?.blur(),
  });
  const judged = items?.filter((one) => one.verdict).length ?? 0;
  return (
    <main id="results" class="work wide" tabIndex={-1}>
      <header class="work-bar">
        <h1>{texts.review.title}</h1>
        <label class="field">
          <span>{texts.review.reviewer}</span>
          <input
            ref={name}
            value={reviewer}
            maxLength={100}
            autocomplete="off"
            placeholder={texts.review.name}
            onChange={(event) => change({ reviewer: event.currentTarget.value.trim() })}
            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
          />
        </label>
        {!reviewer && <p class="who-first">{texts.review.whoFirst}</p>}
        <button type="button" onClick={() => change({ seed: seed + 1 })}>
          {texts.review.another}
        </button>
      </header>
      <p class="soft">{texts.review.what}</p>
      <div class="work-bar">
        <progress aria-label={texts.review.progress} max={drawn || 1} value={judged} />
        <p role="status">
          {texts.review.judged(judged, drawn)}
          {undelivered.value.length > 0 && ` ${texts.review.undelivered(undelivered.value.length)}`}
        </p>
      </div>
      {(refused.value || trouble) && (
        <p class="job-error" role="alert">
          {refused.value || trouble}
        </p>
      )}
      {items === null && !trouble && <div class="ghost work-ghost" role="status" aria-busy="true" aria-label={texts.detail.loading} />}
      {item && (
        <Judged key={item.id} item={item} place={place} drawn={drawn} note={note} ready={Boolean(reviewer)} onDecide={decide} onMove={move} />
      )}
      {items && !item && <Outcome drawn={drawn} collection={collection} judged={judged} />}
    </main>
  );
}

/** The whole sample, told of part by part. Throws Problem. */
async function load(
  collection: string,
  seed: number,
  reviewer: string,
  signal: AbortSignal,
  tell: (items: SampledItem[], drawn: number) => void,
): Promise<SampledItem[]> {
  const items: SampledItem[] = [];
  for (;;) {
    const part = await sample({ collection, seed, reviewer, offset: items.length, limit: PART }, signal);
    items.push(...part.items);
    if (signal.aborted) return items;
    tell([...items], part.drawn);
    if (!part.items.length || items.length >= part.drawn) return items;
  }
}

function Judged(props: {
  item: SampledItem;
  place: number;
  drawn: number;
  note: { current: HTMLInputElement | null };
  ready: boolean;
  onDecide: (verdict: Verdict) => void;
  onMove: (step: number) => void;
}) {
  const { item, place, drawn, note, ready, onDecide, onMove } = props;
  const name = item.paths[0]?.split("/").pop() ?? item.id;
  return (
    <article class="judged" aria-label={texts.review.place(place + 1, drawn, name)}>
      <figure>
        <Picture address={renderOf(item.id, state.value.collection, { size: SIDE })} alt={name} />
        <figcaption>
          {texts.review.place(place + 1, drawn, name)}
        </figcaption>
      </figure>
      <div class="judged-text">
        <p class="labels">
          {item.text.labels.map((label) => (
            <span class="chip" key={label}>
              {label}
            </span>
          ))}
        </p>
        {item.text.variants.map((variant, at) => (
          <Variant key={at} number={at + 1} variant={variant} />
        ))}
        <label class="note">
          {texts.review.note}
          <input ref={note} maxLength={1000} defaultValue={item.note} autocomplete="off" />
        </label>
        <div class="actions verdict" role="group" aria-label={texts.review.question}>
          <button
            type="button"
            class={item.verdict === "accept" ? "chosen good" : ""}
            aria-pressed={item.verdict === "accept"}
            aria-keyshortcuts="a"
            disabled={!ready}
            onClick={() => onDecide("accept")}
          >
            {texts.review.accept} <kbd>a</kbd>
          </button>
          <button
            type="button"
            class={item.verdict === "reject" ? "chosen bad" : ""}
            aria-pressed={item.verdict === "reject"}
            aria-keyshortcuts="r"
            disabled={!ready}
            onClick={() => onDecide("reject")}
          >
            {texts.review.reject} <kbd>r</kbd>
          </button>
          <button type="button" aria-keyshortcuts="k" disabled={!place} onClick={() => onMove(-1)}>
            {texts.review.before} <kbd>k</kbd>
          </button>
          <button type="button" aria-keyshortcuts="j" onClick={() => onMove(1)}>
            {texts.review.next} <kbd>j</kbd>
          </button>
        </div>
      </div>
    </article>
  );
}

function Variant({ number, variant }: { number: number; variant: RichCaption }) {
  return (
    <section>
      <h3>{texts.detail.variant(number)}</h3>
      {variant.one_sentence && <p>{variant.one_sentence}</p>}
      {variant.caption && <p>{variant.caption}</p>}
      {variant.feature.length > 0 && <p class="soft">{variant.feature.join(", ")}</p>}
    </section>
  );
}

/** At the end: what the verdicts say. */
function Outcome({ drawn, collection, judged }: { drawn: number; collection: string; judged: number }) {
  const [told, setTold] = useState<Report | null>(null);
  const waiting = undelivered.value.length;
  useEffect(() => {
    const stopped = new AbortController();
    if (!waiting) askForReport(collection, stopped.signal).then(setTold, () => {});
    return () => stopped.abort();
  }, [collection, waiting]);
  if (!drawn) return <p class="empty panel">{texts.review.none}</p>;
  return (
    <section class="panel outcome">
      <h2>{judged < drawn ? texts.review.end : texts.review.done}</h2>
      {told && told.reviewers.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.review.reviewer}</th>
              <th scope="col">{texts.review.judgedColumn}</th>
              <th scope="col">{texts.review.acceptedColumn}</th>
              <th scope="col">{texts.review.interval}</th>
            </tr>
          </thead>
          <tbody>
            {told.reviewers.map((one) => (
              <tr key={one.reviewer}>
                <th scope="row">{one.reviewer}</th>
                <td>{count(one.judged)}</td>
                <td>{percent(one.accepted / one.judged)}</td>
                <td>{one.interval.map(percent).join(" – ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {told?.pairs.map(({ reviewers, tiles, observed, kappa }) => (
        <p key={reviewers.join()}>
          {texts.review.agree(reviewers[0], reviewers[1], tiles, percent(observed), kappa === null ? "–" : kappa.toFixed(2))}
        </p>
      ))}
    </section>
  );
}
