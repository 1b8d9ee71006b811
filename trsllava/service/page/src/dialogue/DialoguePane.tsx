import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { change, state } from "../state";
import { count, texts } from "../texts";
import { useKeys } from "../shell/keys";
import { answer, busy, course, fault, type Question, restart, standing, type Standing, type Turn, undo } from "./dialogue";

/** The conversation beside the hits: what was asked and answered, and the question that is open. */
export function DialoguePane() {
  const { text } = state.value;
  const now = standing.value;
  const end = useRef<HTMLDivElement>(null);
  useKeys(
    now?.question
      ? {
          ...(now.question.attribute && { y: () => void answer("yes"), n: () => void answer("no") }),
          d: () => void answer("I don't know"),
          s: () => void answer("skip"),
          u: () => void undo(),
        }
      : { u: () => void undo() },
  );
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [now?.step]);
  return (
    <aside class="pane dialogue panel" aria-label={texts.dialogue.title}>
      <header>
        <h2>{texts.dialogue.title}</h2>
        {now && (
          <span class="dialogue-tools">
            <button type="button" class="link" disabled={!now.dialogue.turns.length || busy.value} onClick={() => void undo()}>
              {texts.dialogue.undo}
            </button>
            <button type="button" class="link" onClick={restart}>
              {texts.dialogue.restart}
            </button>
          </span>
        )}
      </header>
      {!text && <p class="dialogue-hint">{texts.dialogue.needsWords}</p>}
      {text && !now && !fault.value && <p class="dialogue-hint">{texts.dialogue.beginning}</p>}
      {fault.value.trim() && (
        <p class="fault" role="alert">
          {fault.value}
        </p>
      )}
      {text && now && (
        <>
          <Sureness now={now} />
          <div class="dialogue-talk" tabIndex={0} role="log" aria-label={texts.dialogue.talk}>
            <p class="said">{now.dialogue.query}</p>
            {now.dialogue.turns.map((turn, at) => (
              <Exchange key={at} turn={turn} />
            ))}
            {now.notices.map((notice) => (
              <p class="asked-back" key={notice}>
                {notice}
              </p>
            ))}
            {now.question && <p class="question">{now.question.text}</p>}
            {now.finished && <p class="question">{texts.dialogue.finished[now.finished]}</p>}
            <div ref={end} />
          </div>
          <Reply question={now.question} />
          <p class="known">
            {texts.dialogue.known} <q>{now.caption}</q>{" "}
            {now.caption !== now.dialogue.query && (
              <button type="button" class="link" onClick={() => change({ text: now.caption, pane: "", dialogue: "" })}>
                {texts.dialogue.searchIt}
              </button>
            )}
          </p>
        </>
      )}
    </aside>
  );
}

/** How many images it could as well be, and how that went down. */
function Sureness({ now }: { now: Standing }) {
  const most = Math.max(...course.value, now.uncertainty, 1e-6);
  const images = Math.max(1, Math.round(2 ** now.uncertainty));
  return (
    <div class="sureness">
      <p role="status">
        {texts.dialogue.couldBe(images)}
        {now.question && <small>{texts.dialogue.round(now.round, now.dialogue.settings.rounds)}</small>}
      </p>
      <div class="sureness-course" aria-hidden="true">
        {course.value.map((bits, at) => (
          <i key={at} style={{ height: `${Math.max(6, (100 * bits) / most)}%` }} title={count(Math.round(2 ** bits))} />
        ))}
      </div>
    </div>
  );
}

function Exchange({ turn: { question, answer: given } }: { turn: Turn }) {
  const words = given.words && given.kind !== "words" ? `, ${given.words}` : given.words;
  return (
    <>
      {question && <p class="question">{question.text}</p>}
      <p class="said">
        {given.kind === "words" ? "" : texts.dialogue.kinds[given.kind]}
        {words}
      </p>
    </>
  );
}

function Reply({ question }: { question: Question | null }) {
  const typed = useSignal("");
  const quick = question?.attribute ? (["yes", "no", "I don't know", "skip"] as const) : (["I don't know", "skip"] as const);
  return (
    <form
      class="reply"
      onSubmit={(event) => {
        event.preventDefault();
        const said = typed.value.trim();
        typed.value = "";
        if (said) void answer(said);
      }}
    >
      {question && (
        <div class="reply-quick">
          {quick.map((said) => (
            <button type="button" key={said} disabled={busy.value} onClick={() => void answer(said)}>
              {texts.dialogue.quick[said]}
            </button>
          ))}
        </div>
      )}
      <div class="reply-words">
        <input
          aria-label={texts.dialogue.inWords}
          placeholder={texts.dialogue.inWords}
          maxLength={1000}
          value={typed.value}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
        <button type="submit" class="main" disabled={busy.value || !typed.value.trim()}>
          {texts.dialogue.send}
        </button>
      </div>
    </form>
  );
}
