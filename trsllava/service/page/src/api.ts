// Typed calls of the service's REST interface (/v1). Everything the page knows of the archive comes through here.
import { signal } from "@preact/signals";

export type Part = "dense" | "bm25" | "image" | "rerank" | "by_image" | "by_text" | "without";
export type Sort = "score" | "newest" | "oldest";
export type Box = [west: number, south: number, east: number, north: number];

export interface Footprint {
  west: number;
  south: number;
  east: number;
  north: number;
  polygon: [number, number][] | null;
}

export interface Tile {
  id: string;
  sha256: string;
  window: [col: number, row: number, width: number, height: number];
  rendering: { bands: number[] | null; stretch: string; size: number | null };
  footprint: Footprint | null;
  north_up: boolean;
  acquired: string | null;
  acquired_end: string | null;
}

export interface Links {
  self: string;
  thumbnail: string;
  render: string;
  similar: string;
  original: string | null;
}

export interface Hit {
  tile: Tile;
  paths: string[];
  labels: string[];
  score: number;
  relevance: number | null;
  branches: Partial<Record<Part, { score: number | null; rank: number | null; share: number }>>;
  why: { variant: number; field: "one_sentence" | "feature" | "caption"; text: string };
  near: { name: string; country: string; km: number } | null;
  merged: number;
  rank: number;
  links: Links;
}

export interface Understood {
  typed: string;
  searched: string;
  wanted: string;
  place: { words: string; told: string; name: string } | null;
  time: { words: string; told: string } | null;
  changes: Record<string, string>;
  unwanted: string[];
  language: string;
  meaningless: boolean;
  known: boolean;
  strange: string[];
}

export interface Coverage {
  searchable: number;
  captioned: number;
  pending: number;
  folder: string;
}

export interface SearchAnswer {
  collection: string;
  hits: Hit[];
  notices: string[];
  understood: Understood;
  coverage: Coverage;
  timings: Record<string, number>;
}

/** All hits in their order, in columns, without their reasons. */
export interface Ranking {
  collection: string;
  ids: string[];
  scores: number[];
  shares: Partial<Record<Part, number[]>>;
  boxes: (Box | null)[];
  outlines: Record<string, [number, number][]>;
  times: (string | null)[];
}

export interface RichCaption {
  one_sentence: string;
  feature: string[];
  caption: string;
}

export interface RichText {
  variants: RichCaption[];
  labels: string[];
  model: string;
  prompt: string;
  created: string | null;
  confidence: number | null;
  repairs: string[];
  copied_from: string | null;
}

export interface Item {
  tile: Tile;
  /** The nearest town. */
  near: { name: string; country: string; km: number } | null;
  paths: string[];
  state: string;
  text: RichText | null;
  attempts: number;
  error: string;
  collection: string;
  links: Links;
}

export interface Extent {
  box: Footprint | null;
  start: string | null;
  end: string | null;
}

export interface CollectionDocument {
  id: string;
  tiles: Record<"pending" | "captioned" | "stored" | "quarantined", number>;
  coverage: Coverage;
  captioned_by: Record<string, number>;
  encoder: string | null;
  image_encoder: string | null;
  branches: string[];
  extent: Extent;
}

export interface Collections {
  default: string;
  collections: CollectionDocument[];
}

export interface Facets {
  tiles: number;
  labels: Record<string, number>;
  sources: Record<string, number>;
  times: { start: string; end: string; tiles: number }[];
  extent: Extent;
  /** By value, or by range of numbers, `0..10`. */
  properties: Record<string, Record<string, number>>;
}

export interface Suggestions {
  completions: { word: string; tiles: number; text: string }[];
  repaired: string | null;
}

export interface About {
  version: string;
  map_tiles: string;
  map_attribution: string;
  originals: boolean;
  roots: string[];
  body_limit: number;
  text_limit: number;
}

/** A search as it is posted. */
export interface SearchBody {
  text?: string;
  item?: string;
  image?: string;
  unwanted?: string[];
  weight?: number;
  labels?: string[];
  without_labels?: string[];
  source?: string[];
  properties?: string[];
  time?: string;
  bbox?: Box;
  k?: number;
  sort?: Sort;
  diversity?: number;
  min_score?: number;
  all_tiles?: boolean;
  places?: boolean;
  times?: boolean;
  collection?: string;
}

/** An answer that is an error (RFC 9457). `status` 0: the server cannot be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
    readonly hint: string = "",
  ) {
    super(detail);
  }
}

/** Whether the server answers; `again` counts how often it has come back. */
export const connection = signal<{ lost: boolean; again: number }>({ lost: false, again: 0 });
/** True where the server wants an API key that it has not got. */
export const keyWanted = signal(false);

const KEY = "trsllava-key";
const PROBE_LOST = 1000;
const PROBE_WELL = 4000;
const TRIES = 4;

export function apiKey(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function useKey(key: string): void {
  sessionStorage.setItem(KEY, key);
  keyWanted.value = false;
  connection.value = { lost: false, again: connection.value.again + 1 };
}

/** A request of the server; asked again where it is busy and says when. Throws Problem, and what an aborted fetch throws. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (apiKey()) headers.set("X-API-Key", apiKey());
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    try {
      response = await fetch(path, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      lose();
      throw new Problem(0, "unreachable", "");
    }
    if (connection.value.lost) regain();
    if (response.ok) return response;
    const wait = Number(response.headers.get("Retry-After"));
    if ((response.status === 429 || response.status === 503) && wait && attempt < TRIES) {
      await pause(1000 * Math.min(wait, 10));
      init.signal?.throwIfAborted();
      continue;
    }
    throw await problemOf(response);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const told: { type?: string; detail?: string; hint?: string } = await response.json().catch(() => ({}));
  if (response.status === 401) keyWanted.value = true;
  const kind = told.type?.split("/").pop() ?? "";
  return new Problem(response.status, kind, told.detail ?? response.statusText, told.hint);
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  return (await request(path, init)).json();
}

export function getJson<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return json<T>(path + queryString(query), signal ? { signal } : {});
}

export function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  return json<T>(path, signal ? { ...init, signal } : init);
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

export function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

export const search = (body: SearchBody, signal?: AbortSignal) =>
  postJson<SearchAnswer>("/v1/search", body, signal);

export const ranking = (body: SearchBody, signal?: AbortSignal) =>
  postJson<Ranking>("/v1/search/ranking", body, signal);

export const item = (id: string, collection: string, signal?: AbortSignal) =>
  getJson<Item>(`/v1/items/${id}`, { collection }, signal);

export const similar = (id: string, query: Query, signal?: AbortSignal) =>
  getJson<SearchAnswer>(`/v1/items/${id}/similar`, query, signal);

export const facets = (query: Query, signal?: AbortSignal) => getJson<Facets>("/v1/facets", query, signal);

export const suggest = (text: string, collection: string, signal?: AbortSignal) =>
  getJson<Suggestions>("/v1/suggest", { text, collection, limit: 8 }, signal);

export const collections = (signal?: AbortSignal) => getJson<Collections>("/v1/collections", {}, signal);

export const about = (signal?: AbortSignal) => getJson<About>("/v1/about", {}, signal);

export const thumbnailOf = (id: string, collection: string, size = 320) =>
  `/v1/items/${id}/thumbnail${queryString({ collection, size })}`;

export const renderOf = (id: string, collection: string, query: Query = {}) =>
  `/v1/items/${id}/render${queryString({ collection, format: "webp", ...query })}`;

function lose(): void {
  if (!connection.value.lost) connection.value = { ...connection.value, lost: true };
}

function regain(): void {
  connection.value = { lost: false, again: connection.value.again + 1 };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Ask, as long as the page is looked at, whether the server is there: often while it is not. */
export async function watchConnection(): Promise<never> {
  for (;;) {
    await pause(connection.value.lost ? PROBE_LOST : PROBE_WELL);
    if (document.hidden && !connection.value.lost) continue;
    const there = await fetch("/healthz", { cache: "no-store" }).then(
      (response) => response.ok,
      () => false,
    );
    if (!there) lose();
    else if (connection.value.lost) regain();
  }
}
