// The answer to the question that the state asks: the best hits with their reasons, then all in their order.
import { computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import type { Footprint, Hit, Part, Problem, Ranking, SearchAnswer, SearchBody } from "./api";
import { closed, meets } from "./map/area";
import { pictureOf } from "./search/pictures";
import { picturesLoaded } from "./shell/loading";
import { question, searchOf, state } from "./state";

/** Hits that are shown at once; finding out why takes longer than finding them. */
const FIRST = 60;
/** Hits whose reasons are asked for together; those further down are asked for one by one, as they come in sight. */
const EXPLAINED = 30;
const ALL = 10_000;
const VARIOUS = 200;

/** A hit as the grid and the map show it; `hit` where its reasons are known. */
export interface Shown {
  id: string;
  rank: number;
  score: number;
  shares: Partial<Record<Part, number>>;
  footprint: Footprint | null;
  time: string | null;
  hit: Hit | undefined;
}

export interface Results {
  question: string | null;
  /** `ranking`: the first hits are shown, the others are still to come. */
  phase: "idle" | "searching" | "ranking" | "done" | "failed";
  ranking: Ranking | null;
  /** The best hits with their reasons, and how the question was understood; null until that is known. */
  answer: SearchAnswer | null;
  problem: Problem | null;
  /** Milliseconds from the question to the first hits. */
  took: number;
}

const NONE: Results = { question: null, phase: "idle", ranking: null, answer: null, problem: null, took: 0 };

export const results = signal<Results>(NONE);
/** The item that the pointer is on, in the grid or on the map. */
export const hovered = signal("");

let under_way = new AbortController();
const returns = computed(() => api.connection.value.again);
const retries = signal(0);

/** Ask once more what could not be answered. */
export const askAgain = () => void retries.value++;

effect(() => {
  const asked = question.value;
  const before = results.peek();
  // What broke off is asked anew when the server is back, or somebody wants it.
  if (returns.value + retries.value >= 0 && asked === before.question && before.phase === "done") return;
  under_way.abort();
  under_way = new AbortController();
  if (!asked) {
    results.value = NONE;
    return;
  }
  void find(asked, under_way.signal);
});

async function find(asked: string, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const set = (patch: Partial<Results>) => {
    if (!signal.aborted) results.value = { ...results.peek(), ...patch };
  };
  set({ question: asked, phase: "searching", problem: null });
  try {
    const body: SearchBody = { ...(await wholeBody()), sort: "score" };
    const ranking = await api.ranking({ ...body, k: body.diversity ? VARIOUS : FIRST }, signal);
    set({ ranking, answer: null, phase: "ranking", took: performance.now() - started });
    await picturesLoaded(); // which one looks at first
    signal.throwIfAborted();
    set({ answer: await api.search({ ...body, k: EXPLAINED }, signal) });
    const more = ranking.ids.length === FIRST && !body.diversity;
    if (more) set({ ranking: await api.ranking({ ...body, k: ALL }, signal) });
    set({ phase: "done" });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof api.Problem)) throw error;
    const known = results.peek().phase === "ranking"; // the first hits
    set({ phase: "failed", problem: error, ...(!known && error.status && { ranking: null, answer: null }) });
  }
}

/** Resolves when the first hits are there with their pictures; at once where nothing is asked. What can wait lets them
 * pass: the server's time belongs to what one looks at first. */
export async function hitsShown(): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = results.subscribe(({ phase }) => {
      if (phase === "searching") return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
  await picturesLoaded();
}

/** The state's search with the content of its picture. Throws Problem where this browser does not have it. */
export async function wholeBody(): Promise<SearchBody> {
  const { picture } = state.peek();
  const body = searchOf(state.peek()) ?? {};
  if (!picture) return body;
  const content = await pictureOf(picture);
  if (!content) throw new api.Problem(404, "picture-elsewhere", "");
  return { ...body, image: await base64(content) };
}

async function base64(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** All hits in the server's order, best first. */
const ranked = computed<Shown[]>(() => {
  const { answer, ranking } = results.value;
  const known = new Map(answer?.hits.map((hit) => [hit.tile.id, hit]));
  if (!ranking) return [];
  return ranking.ids.map((id, at) => ({
    id,
    rank: at + 1,
    score: ranking.scores[at] ?? 0,
    shares: Object.fromEntries(Object.entries(ranking.shares).map(([part, values]) => [part, values[at] ?? 0])),
    footprint: footprintOf(ranking, id, at),
    time: ranking.times[at] ?? null,
    hit: known.get(id),
  }));
});

function footprintOf({ boxes, outlines }: Ranking, id: string, at: number): Footprint | null {
  const box = boxes[at];
  if (!box) return null;
  const [west, south, east, north] = box;
  return { west, south, east, north, polygon: outlines[id] ?? null };
}

const area = computed(() => state.value.area);

/** Hits in the area that was drawn, before any is cut off. */
export const candidates = computed<Shown[]>(() =>
  area.value.length ? ranked.value.filter((one) => one.footprint && meets(one.footprint, { polygon: closed(area.value) })) : ranked.value,
);

const arrangement = computed(() => JSON.stringify([state.value.least, state.value.sort]));

/** What is shown: hits above the cut-off, in the order that is wanted. */
export const shown = computed<Shown[]>(() => {
  const [least, sort] = JSON.parse(arrangement.value) as [number | null, api.Sort];
  const kept = least === null ? candidates.value : candidates.value.filter((one) => one.score >= least);
  if (sort === "score") return kept;
  const sign = sort === "newest" ? -1 : 1;
  return kept
    .map((one) => ({ one, at: one.time ? Date.parse(one.time) : sign * -Infinity * -1 }))
    .sort((a, b) => (a.at === b.at ? a.one.rank - b.one.rank : sign * (a.at - b.at)))
    .map(({ one }) => one);
});
