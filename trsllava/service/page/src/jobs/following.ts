/** The jobs of the server, as they go. */

import { effect, signal } from "@preact/signals";
import { connection } from "../api";
import { state } from "../state";
import { wordsOf } from "./acting";
import { isOpen, type Job, job as askFor, jobs as askForAll } from "./calls";
import { eventsOf } from "./events";

const STREAMS = 3; // a browser holds six connections to a server, and the page needs some

/** The newest first; null until they are known. */
export const jobs = signal<Job[] | null>(null);

const followed = new Set<string>();

/** Keep the list up to date until `stop` is called. */
export function followJobs(): () => void {
  const stopped = new AbortController();
  const end = effect(() => {
    const { collection } = state.value;
    if (connection.value.again >= 0) void load(collection, stopped.signal);
  });
  return () => {
    end();
    stopped.abort();
    followed.clear();
  };
}

/** A job that has changed, or is new. */
export function put(changed: Job): void {
  const before = jobs.peek() ?? [];
  const known = before.some((one) => one.id === changed.id);
  jobs.value = known ? before.map((one) => (one.id === changed.id ? changed : one)) : [changed, ...before];
}

export async function reload(): Promise<void> {
  await load(state.peek().collection, new AbortController().signal);
}

async function load(collection: string, stopped: AbortSignal): Promise<void> {
  try {
    jobs.value = (await askForAll(collection, stopped)).jobs;
  } catch (error) {
    wordsOf(error);
    return;
  }
  followOpen(stopped);
}

function followOpen(stopped: AbortSignal): void {
  const open = (jobs.peek() ?? []).filter((one) => isOpen(one) && !followed.has(one.id)).reverse();
  for (const one of open.slice(0, Math.max(0, STREAMS - followed.size))) void follow(one, stopped);
}

async function follow(one: Job, stopped: AbortSignal): Promise<void> {
  followed.add(one.id);
  for await (const { event, data } of eventsOf(one.id, stopped)) {
    // What an event says of the state may be long past: a job that was cancelled can have been resumed.
    if (event === "state") await refresh(one.id, stopped);
    else put({ ...(jobs.peek()?.find((known) => known.id === one.id) ?? one), ...data } as Job);
  }
  followed.delete(one.id);
  if (stopped.aborted) return;
  await refresh(one.id, stopped); // with its report, or why it failed
  followOpen(stopped);
}

async function refresh(id: string, stopped: AbortSignal): Promise<void> {
  try {
    put(await askFor(id, stopped));
  } catch (error) {
    wordsOf(error); // a server that is away is asked again when it is back
  }
}
