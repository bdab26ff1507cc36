import { closeSync, fsyncSync, openSync, truncateSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ProRecError } from "../errors.ts";
import { unwritable } from "../io/atomic.ts";
import { unreadable } from "../io/bytes.ts";
import { assertSameIdentity, type Identity } from "../io/identity.ts";
import { inertJson, printablePath } from "../io/printable.ts";
import type { Trial } from "./trial.ts";

/** The finished trials of a search in a file that outlives it. */
export interface TrialLog {
  /** What was there already. */
  readonly finished: readonly Trial[];
  /** Adds a trial; on disk when this returns. */
  append(trial: Trial): void;
  close(): void;
}

/**
 * Opens or makes an NDJSON file: a line that says which search it belongs to (all that a trial's value depends on beside
 * its point), then a trial a line. What a killed
 * process left of a last line is cut off.
 * @throws ProRecError INPUT_CHANGED for the trials of another search, by what differs; CORRUPT_FILE for a file that is no
 * such log; UNREADABLE_FILE, UNWRITABLE_FILE. The file is as it was then.
 */
export async function openTrialLog(path: string, identity: Identity): Promise<TrialLog> {
  const header = `${inertJson({ search: identity })}\n`;
  const text = await contentOf(path);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const fresh = whole === "" && header.startsWith(text);
  const finished = fresh ? [] : trialsIn(path, whole || text, identity);

  if (text !== whole) orUnwritable(path, () => truncateSync(path, Buffer.byteLength(whole)));
  const file = orUnwritable(path, () => openSync(path, "a"));
  const add = (line: string) =>
    orUnwritable(path, () => {
      writeFileSync(file, line);
      fsyncSync(file);
    });
  if (fresh) add(header);
  return {
    finished,
    append: (trial) => add(`${inertJson(trial)}\n`),
    close: () => closeSync(file),
  };
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw unreadable(path, error);
  }
}

function trialsIn(path: string, text: string, identity: Identity): Trial[] {
  const [first, ...rows] = text
    .trimEnd()
    .split("\n")
    .map((line) => parsed(line));
  const search = first?.search;
  if (typeof search !== "object" || search === null) {
    throw corrupt(path, 1, "does not say which search it belongs to", "Name a new file.");
  }
  assertSameIdentity(path, search as Identity, identity, {
    what: "trials of another search",
    hint: "Name a new file, or search as it did.",
  });
  return rows.map((row, index) => {
    if (isTrial(row)) return row;
    throw corrupt(path, index + 2, "is no finished trial", "Remove the line, or name a new file.");
  });
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isTrial(row: unknown): row is Trial {
  const { parameters, denoise, value, runs, failure } = (row ?? {}) as Partial<Trial>;
  const isPoint = (point: unknown) => typeof point === "object";
  if (!isPoint(parameters) || parameters === null || !isPoint(denoise) || !Array.isArray(runs)) return false;
  return value === null ? typeof failure?.message === "string" : Number.isFinite(value);
}

function corrupt(path: string, row: number, what: string, hint: string): ProRecError {
  return new ProRecError("CORRUPT_FILE", `${printablePath(path)}, line ${row}, ${what}.`, {
    details: { file: path, row },
    hint,
  });
}

function orUnwritable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unwritable(path, error);
  }
}
