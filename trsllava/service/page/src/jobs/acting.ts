import { useState } from "preact/hooks";
import { Problem } from "../api";

/** What went wrong, in words; nothing where the server is away, which the page says by itself. Throws what is a mistake
 * of the page's own. */
export function wordsOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "AbortError") return "";
  if (!(error instanceof Problem)) throw error;
  return [error.message, error.hint].filter(Boolean).join(" ");
}

/** Something that a button does: only one at a time, and what went wrong in words. */
export function useAct(): { act: (what: () => Promise<void>) => Promise<void>; busy: boolean; problem: string } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const act = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem("");
    try {
      await what();
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { act, busy, problem };
}
