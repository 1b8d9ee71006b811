/** Verdicts on their way to the server. One that cannot be delivered waits until the server is back. */

import { effect, signal } from "@preact/signals";
import { connection, Problem } from "../api";
import { judge, type Verdict } from "./calls";

interface Waiting {
  collection: string;
  reviewer: string;
  verdict: { id: string; verdict: Verdict; text_digest: string; note: string };
}

const KEY = "trsllava-verdicts";

/** Not delivered yet; kept over a reload. */
export const undelivered = signal<Waiting[]>(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
/** Why the server took one of them not. */
export const refused = signal("");

let delivering = false;

export function send(one: Waiting): void {
  undelivered.value = [...undelivered.value, one];
  void deliver();
}

async function deliver(): Promise<void> {
  if (delivering) return;
  delivering = true;
  try {
    for (let next = undelivered.value[0]; next; next = undelivered.value[0]) {
      try {
        await judge(next.collection, next.reviewer, next.verdict);
        refused.value = "";
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.status === 0 || error.status === 401) return;
        refused.value = error.message;
      }
      undelivered.value = undelivered.value.filter((one) => one !== next);
    }
  } finally {
    delivering = false;
  }
}

effect(() => localStorage.setItem(KEY, JSON.stringify(undelivered.value)));
effect(() => {
  if (!connection.value.lost) void deliver();
});
