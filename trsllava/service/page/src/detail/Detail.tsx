import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Hit, Item } from "../api";
import { results, shown } from "../results";
import { change, state, toggleSelected } from "../state";
import { count, dayAndTime, percent, texts } from "../texts";
import { Dialog } from "../shell/Dialog";
import { Icon } from "../shell/icons";
import { useKeys } from "../shell/keys";
import { useItem } from "../search/items";
import { lessLike, moreLike } from "../search/likeness";
import { Marked, matches, stemsOf, type Stems } from "../search/marks";
import { citationOf } from "./citation";
import { Scene } from "./Scene";
import { Similar } from "./Similar";
import { Viewer } from "./Viewer";

/** All that is known of an item, over the page. */
export function Detail({ id }: { id: string }) {
  const collection = state.value.collection || results.value.ranking?.collection || "";
  const fault = useSignal("");
  const item = useItem(id, collection, { onFault: (said) => (fault.value = said) });
  const body = useRef<HTMLDivElement>(null);
  const at = shown.value.findIndex((one) => one.id === id);
  const go = (to: number) => {
    const next = shown.value[to];
    if (at >= 0 && next) change({ open: next.id }, { replace: true });
  };
  const close = () => change({ open: "" });
  useKeys({
    ArrowLeft: () => go(at - 1),
    ArrowRight: () => go(at + 1),
    Escape: close,
    x: () => toggleSelected(id),
  });
  useEffect(() => body.current?.scrollTo(0, 0), [id]);
  const one = shown.value[at];
  const selected = state.value.selected.includes(id);
  const title = at >= 0 ? texts.search.rank(at + 1, shown.value.length) : texts.detail.title;
  return (
    <Dialog title={title} kind="wide" onClose={close}>
      <div class="detail">
        <div class="detail-picture">
          {item ? <Viewer item={item} /> : !fault.value && <div class="ghost" aria-busy="true" />}
          {at >= 0 && (
            <>
              <button
                type="button"
                class="step before"
                aria-label={texts.detail.previous}
                disabled={at === 0}
                onClick={() => go(at - 1)}
              >
                <Icon name="left" />
              </button>
              <button
                type="button"
                class="step after"
                aria-label={texts.detail.next}
                disabled={at === shown.value.length - 1}
                onClick={() => go(at + 1)}
              >
                <Icon name="right" />
              </button>
            </>
          )}
        </div>
        <div class="detail-body" ref={body} tabIndex={0} role="region" aria-label={texts.detail.about}>
          {!item && fault.value && <p role="alert">{fault.value}</p>}
          <div class="detail-actions">
            <button type="button" class="toggle" aria-pressed={selected} onClick={() => toggleSelected(id)}>
              <Icon name="check" />
              {texts.search.select}
            </button>
            <button type="button" class="toggle" onClick={() => moreLike(id)}>
              <Icon name="more" />
              {texts.search.moreLike}
            </button>
            {one && (
              <button type="button" class="toggle" onClick={() => void lessLike(one, collection)}>
                <Icon name="less" />
                {texts.search.lessLike}
              </button>
            )}
          </div>
          {item && <Known item={item} hit={one?.hit} />}
        </div>
      </div>
    </Dialog>
  );
}

function Known({ item, hit }: { item: Item; hit: Hit | undefined }) {
  const { text, wanted } = state.value;
  const stems = stemsOf([results.value.answer?.understood.wanted || text, ...wanted].join(" "));
  return (
    <>
      {hit && <Why hit={hit} />}
      <Variants item={item} hit={hit} stems={stems} />
      {Boolean(item.text?.labels.length) && (
        <section>
          <h3>{texts.detail.labels}</h3>
          <p class="detail-labels">
            {item.text?.labels.map((label) => (
              <button
                type="button"
                class="chip"
                key={label}
                onClick={() => change({ labels: [...new Set([...state.peek().labels, label])], open: "" })}
              >
                {label}
              </button>
            ))}
          </p>
        </section>
      )}
      <Place item={item} />
      <Provenance item={item} />
      <Similar item={item} />
      <Scene item={item} />
      <TakeAlong item={item} />
    </>
  );
}

/** What each branch adds to the score. */
function Why({ hit }: { hit: Hit }) {
  const parts = Object.entries(hit.branches);
  const most = Math.max(...parts.map(([, { share }]) => Math.abs(share)), 1e-9);
  return (
    <section>
      <h3>{texts.detail.score}</h3>
      <p class="why-line">
        {texts.search.score} <b>{hit.score.toFixed(2)}</b>
        {hit.relevance !== null && (
          <>
            {" · "}
            {texts.search.relevance} <b>{percent(hit.relevance)}</b>
          </>
        )}
      </p>
      <table class="why">
        <tbody>
          {parts.map(([part, { share, rank }]) => (
            <tr key={part}>
              <th scope="row">{texts.search.parts[part as keyof typeof texts.search.parts] ?? part}</th>
              <td>
                <i class={`bar part-${part} ${share < 0 ? "against" : ""}`} style={{ width: `${(100 * Math.abs(share)) / most}%` }} />
              </td>
              <td class="figure">{share.toFixed(2)}</td>
              <td class="figure">{rank === null ? "" : `#${count(rank)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** All variants; those with words of the question first in sight. */
function Variants({ item, hit, stems }: { item: Item; hit: Hit | undefined; stems: Stems }) {
  const variants = item.text?.variants ?? [];
  const best =
    hit?.why.variant ??
    variants.reduce((best, one, at) => (hits(one, stems) > hits(variants[best] ?? one, stems) ? at : best), 0);
  const open = useSignal(best);
  useEffect(() => {
    open.value = best;
  }, [item.tile.id, best]);
  if (!variants.length) return null;
  const one = variants[Math.min(open.value, variants.length - 1)];
  return (
    <section>
      <h3>{texts.detail.variants}</h3>
      {variants.length > 1 && (
        <div class="variant-tabs" role="group" aria-label={texts.detail.variants}>
          {variants.map((_, at) => (
            <button
              type="button"
              key={at}
              aria-pressed={at === open.value}
              aria-label={texts.detail.variant(at + 1)}
              onClick={() => (open.value = at)}
            >
              {at + 1}
              {at === hit?.why.variant && <span class="dot" title={texts.detail.matched} />}
            </button>
          ))}
        </div>
      )}
      {one && (
        <div class="variant">
          {one.one_sentence && (
            <p class="sentence">
              <Marked text={one.one_sentence} stems={stems} />
            </p>
          )}
          {one.feature.length > 0 && (
            <ul>
              {one.feature.map((feature) => (
                <li key={feature}>
                  <Marked text={feature} stems={stems} />
                </li>
              ))}
            </ul>
          )}
          {one.caption && (
            <p>
              <Marked text={one.caption} stems={stems} />
            </p>
          )}
        </div>
      )}
    </section>
  );
}

const hits = (one: { one_sentence: string; caption: string; feature: string[] }, stems: Stems) =>
  matches([one.one_sentence, one.caption, ...one.feature].join(" "), stems);

function Place({ item }: { item: Item }) {
  const { tile, paths, near } = item;
  const { footprint } = tile;
  const [col, row, width, height] = tile.window;
  return (
    <section>
      <h3>{texts.detail.where}</h3>
      <dl class="facts">
        <dt>{paths.length > 1 ? texts.detail.files : texts.detail.file}</dt>
        <dd>
          {paths.map((path) => (
            <span class="path" key={path}>
              {path}
            </span>
          ))}
          <small>{col || row ? texts.detail.window(col, row, width, height) : texts.detail.size(width, height)}</small>
        </dd>
        {tile.acquired && (
          <>
            <dt>{texts.detail.acquired}</dt>
            <dd>
              {dayAndTime(tile.acquired)}
              {tile.acquired_end && ` – ${dayAndTime(tile.acquired_end)}`}
            </dd>
          </>
        )}
        <dt>{texts.detail.corners}</dt>
        <dd>
          {footprint
            ? [footprint.west, footprint.south, footprint.east, footprint.north].map((one) => one.toFixed(5)).join(", ")
            : texts.detail.noPlace}
          {near && <small>{texts.detail.near(Math.round(near.km), near.name, near.country)}</small>}
        </dd>
      </dl>
    </section>
  );
}

function Provenance({ item: { text, tile } }: { item: Item }) {
  if (!text) return null;
  const facts: [string, string][] = [
    [texts.detail.model, text.model],
    [texts.detail.prompt, text.prompt || texts.detail.imported],
    [texts.detail.created, text.created ? dayAndTime(text.created) : ""],
    [texts.detail.confidence, text.confidence === null ? "" : percent(text.confidence)],
    [texts.detail.checks, text.repairs.length ? texts.detail.repairs(text.repairs.join(", ")) : texts.detail.noRepairs],
    [texts.detail.copied, text.copied_from ?? ""],
    [texts.detail.id, tile.id],
    [texts.detail.digest, tile.sha256],
  ];
  return (
    <section>
      <h3>{texts.detail.provenance}</h3>
      <dl class="facts">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="path">{value}</dd>
            </>
          ))}
      </dl>
    </section>
  );
}

function TakeAlong({ item }: { item: Item }) {
  return (
    <section class="take-along">
      <Copy label={texts.detail.cite} text={() => citationOf(item)} />
      <Copy label={texts.detail.link} text={() => permalinkOf(item)} />
      {item.links.original && (
        <a href={item.links.original} download>
          <Icon name="download" />
          {texts.detail.original}
        </a>
      )}
    </section>
  );
}

const permalinkOf = (item: Item) =>
  `${location.origin}/?collection=${encodeURIComponent(item.collection)}&open=${item.tile.id}`;

/** A button that puts a text on the clipboard, and says so. */
export function Copy({ label, text }: { label: string; text: () => string }) {
  const done = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    done.value = true;
    setTimeout(() => (done.value = false), 1800);
  };
  return (
    <>
      <button type="button" class="toggle" onClick={() => void copy()}>
        <Icon name={done.value ? "check" : "quote"} />
        {label}
      </button>
      <span class="copied" role="status">
        {done.value && texts.detail.copiedNow}
      </span>
    </>
  );
}
