/** A job's events as they come (server-sent events). By `fetch`, because an EventSource cannot show an API key. */

import { Problem, request } from "../api";
import { isOpen, job } from "./calls";

export interface JobEvent {
  number: number;
  event: "state" | "progress";
  data: { state?: string; stage?: string; done?: number; total?: number };
}

const PAUSE = 1000;

/** All events of a job, of the past too, until it ends. A stream that breaks off, or a server that goes away, is taken
 * up where it was. */
export async function* eventsOf(id: string, signal: AbortSignal): AsyncGenerator<JobEvent> {
  let seen = 0;
  while (!signal.aborted) {
    try {
      const response = await request(`/v1/jobs/${id}/events`, { headers: { "Last-Event-ID": `${seen}` }, signal });
      for await (const event of parsed(response.body!)) {
        seen = event.number;
        yield event;
      }
      if (!isOpen(await job(id, signal))) return;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status === 404) return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function* parsed(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<JobEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text = (text + value).replaceAll("\r\n", "\n");
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const fields = fieldsOf(text.slice(0, end));
        text = text.slice(end + 2);
        if (fields.data) {
          yield { number: Number(fields.id), event: fields.event as JobEvent["event"], data: JSON.parse(fields.data) };
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function fieldsOf(block: string): Record<string, string> {
  return Object.fromEntries(block.split("\n").map((line) => [line.split(":", 1)[0], line.replace(/^[^:]*: ?/, "")]));
}
