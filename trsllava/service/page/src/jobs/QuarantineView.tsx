import { useEffect, useRef, useState } from "preact/hooks";
import { connection } from "../api";
import { Picture } from "../shell/Picture";
import { change, state } from "../state";
import { texts } from "../texts";
import { useAct, wordsOf } from "./acting";
import { acceptAnswer, askAgain, quarantine, type QuarantinedItem } from "./calls";

/** Items whose answers could not be used: what refused them, why, and what to do about it. */
export function QuarantineView() {
  const { collection, check } = state.value;
  const [items, setItems] = useState<QuarantinedItem[] | null>(null);
  const [after, setAfter] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const [trouble, setTrouble] = useState("");
  const { act, busy, problem } = useAct();
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    const stopped = new AbortController();
    quarantine({ collection, check, after: "" }, stopped.signal).then(
      (page) => {
        setItems(page.items);
        setAfter(page.after);
        setTrouble("");
      },
      (error) => setTrouble(wordsOf(error)),
    );
    return () => stopped.abort();
  }, [collection, check, connection.value.again]);

  const more = async () => {
    const page = await quarantine({ collection, check, after: after ?? "" });
    setItems([...(items ?? []), ...page.items]);
    setAfter(page.after);
  };
  const gone = (id: string, what: string) => {
    const place = items?.findIndex((one) => one.id === id) ?? 0;
    setItems((before) => before?.filter((one) => one.id !== id) ?? null);
    setSaid(what);
    // The next one, or the last: who works through the list by keys stays in it.
    requestAnimationFrame(() => {
      const cards = list.current?.querySelectorAll<HTMLElement>(".quarantined");
      cards?.[Math.min(place, cards.length - 1)]?.focus();
    });
  };
  const everything = async () => {
    const { waiting } = await askAgain(collection, check ? { check } : { all: true });
    setItems([]);
    setAfter(null);
    setSaid(texts.quarantine.waiting(waiting));
  };
  return (
    <main id="results" class="work" tabIndex={-1}>
      <h1>{texts.quarantine.title}</h1>
      <p class="soft">{texts.quarantine.what}</p>
      <div class="work-bar">
        <label class="field">
          <span>{texts.quarantine.check}</span>
          <select value={check} onChange={(event) => change({ check: event.currentTarget.value })}>
            <option value="">{texts.quarantine.anyCheck}</option>
            {Object.entries(texts.quarantine.checks).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {items && items.length > 0 && (
          <button type="button" disabled={busy} onClick={() => act(everything)}>
            {texts.quarantine.askAll}
          </button>
        )}
        <p role="status">{said}</p>
      </div>
      {(problem || trouble) && (
        <p class="job-error" role="alert">
          {problem || trouble}
        </p>
      )}
      {items === null && !trouble && <div class="ghost work-ghost" role="status" aria-busy="true" aria-label={texts.detail.loading} />}
      {items?.length === 0 && <p class="empty panel">{check ? texts.quarantine.noneOfCheck : texts.quarantine.none}</p>}
      <ul class="quarantine" ref={list} aria-label={texts.quarantine.title} onKeyDown={moveWithin}>
        {items?.map((item) => (
          <li key={item.id}>
            <Quarantined item={item} collection={collection} onGone={gone} />
          </li>
        ))}
      </ul>
      {after && (
        <button type="button" disabled={busy} onClick={() => act(more)}>
          {texts.quarantine.more}
        </button>
      )}
    </main>
  );
}

function moveWithin(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!step || !target.classList.contains("quarantined")) return;
  const cards = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(".quarantined")];
  cards[cards.indexOf(target) + step]?.focus();
  event.preventDefault();
}

function Quarantined(props: {
  item: QuarantinedItem;
  collection: string;
  onGone: (id: string, what: string) => void;
}) {
  const { item, collection, onGone } = props;
  const [writing, setWriting] = useState(false);
  const [text, setText] = useState("");
  const { act, busy, problem } = useAct();
  const name = item.paths[0]?.split("/").pop() ?? item.id;
  const checks: Record<string, string> = texts.quarantine.checks;

  const retry = () =>
    act(async () => {
      await askAgain(collection, { ids: [item.id] });
      onGone(item.id, texts.quarantine.asked(name));
    });
  const accept = (answer: string | null) =>
    act(async () => {
      await acceptAnswer(collection, item.id, answer);
      onGone(item.id, texts.quarantine.taken(name));
    });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey || busy) return;
    if (event.key === "r") void retry();
    else if (event.key === "a" && item.raw_answer) void accept(null);
    else if (event.key === "w") setWriting(true);
    else return;
    event.preventDefault();
  };
  return (
    <article class="quarantined panel" tabIndex={0} aria-label={name} onKeyDown={onKeyDown}>
      <Picture address={`${item.links.thumbnail}&size=512`} alt={name} />
      <div class="quarantined-text">
        <header>
          <h3 class="job-name">{name}</h3>
          {item.check && <span class="badge failed">{checks[item.check] ?? item.check}</span>}
        </header>
        <p>{item.error}</p>
        <p class="soft">{texts.quarantine.attempts(item.attempts)}</p>
        {item.raw_answer && (
          <details>
            <summary>{texts.quarantine.answer}</summary>
            <pre tabIndex={0}>{item.raw_answer}</pre>
          </details>
        )}
        {writing && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void accept(text);
            }}
          >
            <label>
              {texts.quarantine.own}
              <textarea
                required
                rows={3}
                value={text}
                ref={(area) => {
                  if (!text) area?.focus();
                }}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
            <button type="submit" class="main" disabled={busy}>
              {texts.quarantine.take}
            </button>
          </form>
        )}
        {problem && (
          <p class="job-error" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          <button type="button" disabled={busy} aria-keyshortcuts="r" onClick={retry}>
            {texts.quarantine.ask}
          </button>
          {item.raw_answer && (
            <button type="button" disabled={busy} aria-keyshortcuts="a" onClick={() => accept(null)}>
              {texts.quarantine.accept}
            </button>
          )}
          {!writing && (
            <button type="button" disabled={busy} aria-keyshortcuts="w" onClick={() => setWriting(true)}>
              {texts.quarantine.write}
            </button>
          )}
        </div>
      </div>
    </article>
  );
}
