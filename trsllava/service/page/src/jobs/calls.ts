/** What `/v1` tells of jobs, quarantine and review. */

import { getJson, type Links, postJson, queryString, type RichText } from "../api";

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface IndexRequest {
  kind: "index";
  folder: string;
  collection?: string | null;
  captions?: string | null;
  captioner?: "nano" | "vllm" | null;
  prune?: boolean;
  recaption_stale?: boolean;
  recaption_fewer?: boolean;
  dedupe?: boolean;
}

export interface ReindexRequest {
  kind: "reindex";
  collection?: string | null;
}

/** What became of a job, in numbers. */
export interface JobReport {
  [what: string]: number | boolean | Record<string, string>;
  /** Some of the files that cannot be read, and why. */
  unreadable_files?: Record<string, string>;
}

export interface Job {
  id: string;
  collection: string;
  request: IndexRequest | ReindexRequest;
  state: JobState;
  created: string;
  started: string | null;
  ended: string | null;
  stage: string;
  done: number;
  total: number;
  report: JobReport | null;
  error: string | null;
}

export interface QuarantinedItem {
  id: string;
  check: string | null;
  error: string;
  attempts: number;
  raw_answer: string;
  paths: string[];
  links: Links;
}

export interface Quarantine {
  collection: string;
  items: QuarantinedItem[];
  after: string | null;
}

export type Verdict = "accept" | "reject";

export interface SampledItem {
  id: string;
  text: RichText;
  text_digest: string;
  paths: string[];
  verdict: Verdict | null;
  note: string;
  links: Links;
}

export interface Sample {
  collection: string;
  drawn: number;
  judged: number;
  items: SampledItem[];
}

export interface Report {
  reviewers: { reviewer: string; judged: number; accepted: number; interval: [number, number] }[];
  pairs: { reviewers: [string, string]; tiles: number; observed: number; kappa: number | null }[];
}

export const isOpen = (job: Job) => job.state === "queued" || job.state === "running";

export const jobs = (collection: string, signal?: AbortSignal) =>
  getJson<{ jobs: Job[] }>("/v1/jobs", { collection: collection || undefined, limit: 50 }, signal);

export const job = (id: string, signal?: AbortSignal) => getJson<Job>(`/v1/jobs/${id}`, {}, signal);

export const startJob = (request: IndexRequest | ReindexRequest) => postJson<Job>("/v1/jobs", request);

export const cancelJob = (id: string) => postJson<Job>(`/v1/jobs/${id}/cancel`, {});

export const resumeJob = (id: string) => postJson<Job>(`/v1/jobs/${id}/resume`, {});

export const quarantine = (query: { collection: string; check: string; after: string }, signal?: AbortSignal) =>
  getJson<Quarantine>("/v1/quarantine", { ...query, limit: 50 }, signal);

export const askAgain = (collection: string, which: { ids: string[] } | { check: string } | { all: true }) =>
  postJson<{ waiting: number }>(`/v1/quarantine/retry${queryString({ collection })}`, which);

export const acceptAnswer = (collection: string, id: string, answer: string | null) =>
  postJson<unknown>(`/v1/quarantine/${id}/accept${queryString({ collection })}`, answer === null ? {} : { answer });

export const sample = (
  query: { collection: string; seed: number; reviewer: string; offset: number; limit: number },
  signal?: AbortSignal,
) => getJson<Sample>("/v1/review", query, signal);

export const judge = (collection: string, reviewer: string, verdict: object) =>
  postJson<{ kept: number }>(`/v1/review${queryString({ collection })}`, { reviewer, verdicts: [verdict] });

export const report = (collection: string, signal?: AbortSignal) =>
  getJson<Report>("/v1/review/report", { collection }, signal);
