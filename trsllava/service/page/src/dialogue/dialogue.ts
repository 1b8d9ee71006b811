// The dialogue that sharpens the question: where it stands on the server, and what one can do about it.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api";
import { change, filtersOf, state } from "../state";

export interface Question {
  text: string;
  attribute: string;
  gain: number;
}

export type AnswerKind = "yes" | "no" | "unknown" | "skip" | "words" | "more like" | "less like";

export interface Turn {
  answer: { kind: AnswerKind; words: string; tile: string | null };
  question: Question | null;
  caption: string;
}

export interface DialogueHit {
  rank: number;
  before: number | null;
  chance: number;
  tile: api.Tile;
  paths: string[];
  labels: string[];
  text: string;
  agrees: string[];
  differs: string[];
  links: api.Links;
}

/** Where a dialogue stands. */
export interface Standing {
  id: string;
  step: number;
  collection: string;
  dialogue: { query: string; turns: Turn[]; settings: { rounds: number }; picked: string | null };
  notices: string[];
  caption: string;
  question: Question | null;
  round: number;
  finished: "picked" | "gain" | "rounds" | null;
  /** Bits: log2 of the number of images that it could as well be. */
  uncertainty: number;
  hits: DialogueHit[];
}

const SHOWN = 24;

export const standing = signal<Standing | null>(null);
/** A step is under way. */
export const busy = signal(false);
export const fault = signal("");
/** Bits of uncertainty after each step that was seen here, the first before any answer. */
export const course = signal<number[]>([]);

/** The filters that the dialogue began with; null where a link named it, which names its filters too. */
let held: string | null = null;
const filters = computed(() => JSON.stringify(filtersOf(state.value)));

const wanted = computed(() => {
  const { pane, text, dialogue } = state.value;
  return pane === "dialogue" && text ? JSON.stringify([text, filters.value, dialogue]) : "";
});
const returns = computed(() => api.connection.value.again);

effect(() => {
  void returns.value; // a dialogue goes on when the server is back
  if (wanted.value) void follow();
});

/** Begin the dialogue that the state asks for, or go on with it. */
async function follow(): Promise<void> {
  const { text, dialogue } = state.peek();
  const known = standing.peek();
  const refiltered = held !== null && held !== filters.peek();
  if (known && known.id === dialogue && known.dialogue.query === text && !refiltered && !fault.peek()) return;
  if (refiltered) standing.value = null; // what it shows need not pass
  await step(async () => {
    const found = dialogue && !refiltered ? await api.getJson<Standing>(pathOf(dialogue), { k: SHOWN }) : null;
    held = filters.peek();
    if (found?.dialogue.query === text) return found;
    return api.postJson<Standing>(`/v1/dialogues?k=${SHOWN}`, { text, ...JSON.parse(held) });
  });
}

/** Answer in words, which may also say `more like 3`, `pick 2` or `undo`. */
export const answer = (said: string) => act("answer", { said });
/** Take the last answer back. */
export const undo = () => act("undo");
/** This is the image that was meant. */
export const pick = (item: string) => act("pick", { item });
/** Forget it, and begin anew with the same words. */
export function restart(): void {
  standing.value = null;
  change({ dialogue: "" }, { replace: true });
}

async function act(what: string, body?: unknown): Promise<void> {
  const known = standing.peek();
  if (!known || busy.peek()) return;
  await step(() => api.postJson(`${pathOf(known.id)}/${what}?k=${SHOWN}&step=${known.step}`, body));
}

async function step(take: () => Promise<Standing>): Promise<void> {
  busy.value = true;
  fault.value = "";
  try {
    const found = await take();
    const rounds = found.dialogue.turns.length;
    course.value = found.id === standing.peek()?.id ? [...course.peek().slice(0, rounds), found.uncertainty] : [found.uncertainty];
    standing.value = found;
    if (state.peek().dialogue !== found.id) change({ dialogue: found.id }, { replace: true });
  } catch (error) {
    if (!(error instanceof api.Problem)) throw error;
    // It was forgotten, or somebody else has answered: where it stands now is asked for.
    if (error.status === 404) restart();
    else if (error.kind === "moved-on") await refresh();
    else fault.value = error.message || " ";
  } finally {
    busy.value = false;
  }
}

async function refresh(): Promise<void> {
  const { dialogue } = state.peek();
  standing.value = await api.getJson<Standing>(pathOf(dialogue), { k: SHOWN });
}

function pathOf(id: string): string {
  return `/v1/dialogues/${encodeURIComponent(id)}`;
}
