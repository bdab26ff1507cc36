import type { Decision, DecisionCounts, Row, StreamLine } from "../../src/server/messages.ts";

/** What the server says when it refuses. */
export class Refused extends Error {
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refused("The server does not answer.", "Is prorec explore still running in its terminal?");
  }
  if (response.ok) return response;
  const text = await response.text();
  if (response.headers.get("content-type")?.startsWith("application/json")) {
    const { error, hint } = JSON.parse(text);
    throw new Refused(error, hint);
  }
  throw new Refused(text.trim());
}

export async function get<Result>(path: string, signal?: AbortSignal): Promise<Result> {
  return (await ask(path, signal ? { signal } : {})).json();
}

/** Bytes, for what is too much for JSON. */
export async function getBytes(path: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await ask(path, { signal })).arrayBuffer();
}

/** A long answer: progress, then the result. */
export async function work<Result>(
  path: string,
  body: unknown,
  onProgress: (progress: { stage: string; done: number; total: number }) => void,
  signal: AbortSignal,
): Promise<Result> {
  const response = await ask(path, { method: "POST", body: JSON.stringify(body), signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) throw new Refused("The server stopped in the middle of its answer.");
    const lines = (rest + value).split("\n");
    rest = lines.pop()!;
    for (const text of lines) {
      const line: StreamLine<Result> = JSON.parse(text);
      if ("result" in line) return line.result;
      if ("error" in line) throw new Refused(line.error, line.hint);
      onProgress(line.progress);
    }
  }
}

const made = new Map<number, Decision | null>();
const listeners = new Set<() => void>();

/** What was decided of a row, here or before. */
export function decisionOf(row: Row): Decision | null {
  return made.has(row.entry) ? made.get(row.entry)! : row.decision;
}

export function onDecisions(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Entries with what is decided of them; null for nothing any more. */
export type Changes = readonly (readonly [entry: number, decision: Decision | null])[];

/** Other tabs of this explorer hear of what is decided here. */
const tabs = new BroadcastChannel("decisions");
tabs.onmessage = ({ data }: MessageEvent<Changes>) => take(data);

function take(changes: Changes): void {
  for (const [entry, decision] of changes) made.set(entry, decision);
  for (const listener of listeners) listener();
}

/** Keeps decisions at once here, and in the side file. @throws Refused, and then nothing has changed */
export async function decide(changes: Changes): Promise<DecisionCounts> {
  const before = changes.map(([entry]) => [entry, made.get(entry)] as const);
  take(changes);
  try {
    const counts = await (
      await ask("decisions", { method: "POST", body: JSON.stringify({ changes }) })
    ).json();
    tabs.postMessage(changes);
    return counts;
  } catch (error) {
    for (const [entry, was] of before) {
      if (was === undefined) made.delete(entry);
      else made.set(entry, was);
    }
    for (const listener of listeners) listener();
    throw error;
  }
}
