// What the page shows, all of it in the URL: a link opens the same view, back and forward work.
import { computed, signal } from "@preact/signals";
import type { Box, SearchBody, Sort } from "./api";

export type View = "search" | "jobs" | "quarantine" | "review";
export type Pane = "" | "map" | "dialogue";

export interface State {
  view: View;
  /** Place names and times in the text are filters. */
  places: boolean;
  times: boolean;
  /** Empty: the server's default. */
  collection: string;
  text: string;
  /** Things that hits should show, beside the text. */
  wanted: string[];
  unwanted: string[];
  /** An item that hits should look like. */
  like: string;
  /** A picture that was dropped or pasted, by the digest under which this browser keeps it. */
  picture: string;
  /** Share of the words beside a picture, 0 to 1; null: the collection's usual one. */
  weight: number | null;
  labels: string[];
  withoutLabels: string[];
  source: string[];
  /** What must be said of a scene, or of who captioned it: `cloud_cover<20`. */
  properties: string[];
  time: string;
  box: Box | null;
  /** Outline of an area drawn on the map: longitudes and latitudes. */
  area: [number, number][];
  sort: Sort;
  diversity: number;
  /** Hits that score less are not shown. */
  least: number | null;
  allTiles: boolean;
  pane: Pane;
  /** The dialogue that goes on, by its id. */
  dialogue: string;
  /** The item whose details are open. */
  open: string;
  selected: string[];
  /** Of the quarantine: what this check refused alone. */
  check: string;
  /** Of the review: who judges, and which sample. */
  reviewer: string;
  seed: number;
}

const NOTHING: State = {
  view: "search",
  places: true,
  times: true,
  collection: "",
  text: "",
  wanted: [],
  unwanted: [],
  like: "",
  picture: "",
  weight: null,
  labels: [],
  withoutLabels: [],
  source: [],
  properties: [],
  time: "",
  box: null,
  area: [],
  sort: "score",
  diversity: 0,
  least: null,
  allTiles: false,
  pane: "",
  dialogue: "",
  open: "",
  selected: [],
  check: "",
  reviewer: "",
  seed: 0,
};

/** No filter, and nothing cut off. */
export const NO_FILTERS = {
  labels: [],
  withoutLabels: [],
  source: [],
  properties: [],
  time: "",
  box: null,
  area: [],
  least: null,
} satisfies Partial<State>;

const VIEWS: readonly View[] = ["search", "jobs", "quarantine", "review"];
const PANES: readonly Pane[] = ["", "map", "dialogue"];
const SORTS: readonly Sort[] = ["score", "newest", "oldest"];

/** The state that a URL's query string tells; what it tells wrong is left out. */
export function stateOf(query: string): State {
  const told = new URLSearchParams(query);
  const text = (name: string) => told.get(name) ?? "";
  const number = (name: string) => {
    const value = told.get(name);
    return value && Number.isFinite(Number(value)) ? Number(value) : null;
  };
  const numbers = (value: string) => value.split(",").map(Number);
  const one = <T extends string>(name: string, known: readonly T[], usual: T) =>
    known.find((value) => value === told.get(name)) ?? usual;
  const box = numbers(text("bbox"));
  const area = text("area") ? text("area").split(" ").map(numbers) : [];
  return {
    view: one("view", VIEWS, "search"),
    places: told.get("places") !== "false",
    times: told.get("times") !== "false",
    collection: text("collection"),
    text: text("text"),
    wanted: told.getAll("wanted"),
    unwanted: told.getAll("unwanted"),
    like: text("like"),
    picture: text("picture"),
    weight: number("weight"),
    labels: told.getAll("labels"),
    withoutLabels: told.getAll("without_labels"),
    source: told.getAll("source"),
    properties: told.getAll("properties"),
    time: text("time"),
    box: box.length === 4 && box.every(Number.isFinite) ? (box as Box) : null,
    area: area.every((point) => point.length === 2 && point.every(Number.isFinite)) ? (area as [number, number][]) : [],
    sort: one("sort", SORTS, "score"),
    diversity: Math.min(Math.max(number("diversity") ?? 0, 0), 1),
    least: number("min_score"),
    allTiles: told.get("all_tiles") === "true",
    pane: one("pane", PANES, ""),
    dialogue: text("dialogue"),
    open: text("open"),
    selected: text("selected") ? text("selected").split(" ") : [],
    check: text("check"),
    reviewer: text("reviewer"),
    seed: Math.max(0, Math.trunc(number("seed") ?? 0)),
  };
}

/** The query string that tells a state; what is as usual is not told. */
export function queryOf(state: State): string {
  const told = new URLSearchParams();
  const tell = (name: string, value: string | number | null) => {
    if (value !== "" && value !== null) told.append(name, String(value));
  };
  if (state.view !== "search") tell("view", state.view);
  tell("collection", state.collection);
  tell("text", state.text);
  for (const one of state.wanted) tell("wanted", one);
  for (const one of state.unwanted) tell("unwanted", one);
  tell("like", state.like);
  tell("picture", state.picture);
  tell("weight", state.weight);
  for (const one of state.labels) tell("labels", one);
  for (const one of state.withoutLabels) tell("without_labels", one);
  for (const one of state.source) tell("source", one);
  for (const one of state.properties) tell("properties", one);
  tell("time", state.time);
  tell("bbox", state.box ? state.box.join(",") : "");
  tell("area", state.area.map((point) => point.join(",")).join(" "));
  if (!state.places) tell("places", "false");
  if (!state.times) tell("times", "false");
  if (state.sort !== "score") tell("sort", state.sort);
  tell("diversity", state.diversity || null);
  tell("min_score", state.least);
  if (state.allTiles) tell("all_tiles", "true");
  tell("pane", state.pane);
  tell("dialogue", state.dialogue);
  tell("open", state.open);
  tell("selected", state.selected.join(" "));
  tell("check", state.check);
  tell("reviewer", state.reviewer);
  tell("seed", state.seed || null);
  const query = told.toString();
  return query && `?${query}`;
}

export const state = signal<State>(stateOf(location.search));
addEventListener("popstate", () => (state.value = stateOf(location.search)));

/** Change what is shown. `replace`: no step that "back" undoes, as for a slider under way. */
export function change(patch: Partial<State>, { replace = false } = {}): void {
  const next = { ...state.peek(), ...patch };
  const query = queryOf(next);
  if (query === queryOf(state.peek())) return;
  state.value = next;
  history[replace ? "replaceState" : "pushState"](null, "", query || location.pathname);
}

/** The address of a view that differs from this one by `patch`. */
export const addressOf = (patch: Partial<State>) => queryOf({ ...state.value, ...patch }) || location.pathname;

/** A new question: everything that belonged to the old one is gone, but for the collection and where one looks. */
export function ask(patch: Partial<State>): void {
  const { collection, pane, selected, reviewer } = state.peek();
  change({ ...NOTHING, collection, pane, selected, reviewer, ...patch });
}

/** Add an item to the selection, or take it out. */
export function toggleSelected(id: string): void {
  const { selected } = state.peek();
  change({ selected: selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id] }, { replace: true });
}

/** The filters, as `/v1/facets` and `/v1/search` take them. */
export function filtersOf({ labels, withoutLabels, source, properties, time, box, collection }: State): SearchBody {
  return {
    ...(labels.length && { labels }),
    ...(withoutLabels.length && { without_labels: withoutLabels }),
    ...(source.length && { source }),
    ...(properties.length && { properties }),
    ...(time && { time }),
    ...(box && { bbox: box }),
    ...(collection && { collection }),
  };
}

/** The search that a state asks for, without its picture's content; null where it asks for nothing. */
export function searchOf(state: State): SearchBody | null {
  const { text, wanted, unwanted, like, picture, weight, sort, diversity, allTiles, places, times } = state;
  let words = [text, ...wanted].filter(Boolean).join(", ");
  const pictured = Boolean(like || picture);
  // Beside a picture, the text itself says what is not wanted.
  if (pictured && unwanted.length) words = `${words} without ${unwanted.join(" and without ")}`.trim();
  if (!words && !pictured && !unwanted.length) return null;
  return {
    ...filtersOf(state),
    ...(words && { text: words }),
    ...(like && { item: like }),
    ...(!pictured && unwanted.length && { unwanted }),
    ...(pictured && words && weight !== null && { weight }),
    ...(!places && { places }),
    ...(!times && { times }),
    ...(sort !== "score" && { sort }),
    ...(diversity && { diversity }),
    ...(allTiles && { all_tiles: true }),
  };
}

/** What the search depends on, as one text: equal where the same is asked. */
export const question = computed(() => {
  const body = searchOf(state.value);
  return body && JSON.stringify({ ...body, picture: state.value.picture });
});

export const hasFilters = computed(() => {
  const { labels, withoutLabels, source, properties, time, box, area } = state.value;
  return Boolean(labels.length || withoutLabels.length || source.length || properties.length || time || box || area.length);
});
