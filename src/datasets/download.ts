import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { ProRecError } from "../errors.ts";
import { unwritable } from "../io/atomic.ts";
import { printable } from "../io/printable.ts";
import { type RunOptions, throwIfAborted } from "../progress.ts";

export interface DownloadOptions extends RunOptions {
  /** The size that the file must have. */
  readonly bytes?: number | undefined;
  /** Whether the content will be checked, so that other hosts may hold it and a part may be continued untold. */
  readonly checked: boolean;
  /** Milliseconds before the second try, doubled for each further one. */
  readonly retryAfter?: number;
  /** Milliseconds in which at least a kibibyte, or the end, must come. */
  readonly patience?: number;
}

const TRIES = 5;
const REDIRECTS = 5;
/** Bytes that a file of unknown size may have. */
const MOST = 2 ** 31;

/** A failure that another try may mend. */
class Passing extends Error {}

/**
 * Downloads a file to `part`, going on from what is there of it, also after failures: five tries in all. Follows at
 * most five redirects, none from https to http, and to other hosts only where the content is checked afterwards.
 *
 * @throws ProRecError UNREADABLE_FILE naming the address and what happened; ABORTED
 */
export async function download(url: string, part: string, options: DownloadOptions): Promise<void> {
  const { retryAfter = 1000, signal } = options;
  for (let tried = 1; ; tried++) {
    try {
      return await attempt(url, part, options);
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof Passing)) throw error;
      if (tried === TRIES) throw failed(url, `${error.message}, ${TRIES} times`);
      await pause(retryAfter * 2 ** (tried - 1), undefined, signal ? { signal } : {}).catch(() => {});
    }
  }
}

async function attempt(url: string, part: string, options: DownloadOptions): Promise<void> {
  const { bytes, patience = 30_000, signal } = options;
  const stalled = new AbortController();
  const watch = watchdog(patience, () => stalled.abort());
  const either = AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]);
  try {
    const validator = await readFile(`${part}.version`, "utf8").catch(() => "");
    const there = validator !== "" || options.checked ? await sizeOf(part) : 0;
    if (bytes !== undefined && there === bytes) return;
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (there > 0) headers.range = `bytes=${there}-`;
    if (there > 0 && validator !== "") headers["if-range"] = validator;
    const response = await follow(url, headers, either, options.checked);
    const start = startOf(response, there);
    if (start === undefined) {
      await response.body?.cancel();
      await rm(part, { force: true });
      throw new Passing("the server has no such part of it");
    }
    const length = response.headers.get("content-length");
    const total = length === null ? undefined : start + Number(length);
    if (bytes !== undefined && total !== undefined && total !== bytes) {
      await response.body?.cancel();
      throw failed(url, `the file there has ${total} bytes instead of ${bytes}`);
    }
    await writeFile(`${part}.version`, versionOf(response)).catch((error) => {
      throw unwritable(part, error);
    });
    await receive(response, part, { ...options, start, total: bytes ?? total, alive: watch.alive, url });
  } catch (error) {
    if (error instanceof ProRecError || error instanceof Passing) throw error;
    if (stalled.signal.aborted) throw new Passing("the server stopped sending");
    const { message, cause } = error as Error;
    throw new Passing(cause instanceof Error && cause.message !== "" ? cause.message : message);
  } finally {
    watch.stop();
  }
}

interface Receiving extends DownloadOptions {
  readonly url: string;
  readonly start: number;
  readonly total: number | undefined;
  alive(bytes: number): void;
}

async function receive(response: Response, part: string, receiving: Receiving): Promise<void> {
  const { start, total, alive, onProgress, url } = receiving;
  const cannotWrite = (error: unknown) => {
    throw unwritable(part, error);
  };
  const file = await open(part, start > 0 ? "a" : "w").catch(cannotWrite);
  let done = start;
  try {
    for await (const chunk of response.body ?? []) {
      done += chunk.length;
      if (done > (total ?? MOST)) throw failed(url, `it sends more than ${total ?? MOST} bytes`);
      await file.writeFile(chunk).catch(cannotWrite); // all of it, where the last one ended
      alive(chunk.length);
      onProgress?.({
        stage: "download",
        done: Math.min(done, (total ?? Infinity) - 1),
        total: total ?? MOST,
      });
    }
  } finally {
    await file.close();
  }
  if (total !== undefined && done < total) throw new Passing(`only ${done} of ${total} bytes came`);
  onProgress?.({ stage: "download", done, total: done });
}

/** The response at the end of the redirects. */
async function follow(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  anyHost: boolean,
): Promise<Response> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    const response = await fetch(at, { headers, signal, redirect: "manual" });
    const { status } = response;
    const location = response.headers.get("location");
    if (status >= 300 && status < 400 && location !== null) {
      await response.body?.cancel();
      const next = new URL(location, at);
      if (at.protocol === "https:" && next.protocol !== "https:") throw failed(url, "it redirects to http");
      if (!anyHost && next.host !== at.host) throw failed(url, `it redirects to another host, ${next.host}`);
      at = next;
      continue;
    }
    if (status === 200 || status === 206 || status === 416) return response;
    await response.body?.cancel();
    const answer = `the server answers ${status} ${response.statusText}`.trimEnd();
    if (status === 429 || status >= 500) throw new Passing(answer);
    throw failed(url, answer);
  }
  throw failed(url, `more than ${REDIRECTS} redirects`);
}

/** Where in the file the response's body starts; undefined if it isn't what was asked for. */
function startOf(response: Response, there: number): number | undefined {
  if (response.status === 200) return 0;
  const [, start] = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "") ?? [];
  return response.status === 206 && Number(start) === there ? there : undefined;
}

/** What tells this version of the file from others, as If-Range takes it: a strong ETag, else the date. */
function versionOf({ headers }: Response): string {
  const tag = headers.get("etag") ?? "";
  return tag.startsWith('"') ? tag : (headers.get("last-modified") ?? "");
}

/** Calls `late` once fewer than 1,024 bytes came within `patience` milliseconds. */
function watchdog(patience: number, late: () => void) {
  let came = 0;
  const timer = setInterval(() => {
    if (came < 1024) late();
    came = 0;
  }, patience);
  return {
    alive(bytes: number) {
      came += bytes;
    },
    stop: () => clearInterval(timer),
  };
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function failed(url: string, why: string): ProRecError {
  return new ProRecError("UNREADABLE_FILE", `Can't download ${printable(url, 300)}: ${printable(why)}.`, {
    details: { url },
  });
}
