import { useState } from "preact/hooks";
import { Problem } from "../api";

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
      if (!(error instanceof Problem)) throw error;
      setProblem([error.message, error.hint].filter(Boolean).join(" "));
    } finally {
      setBusy(false);
    }
  };
  return { act, busy, problem };
}
