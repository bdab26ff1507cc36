import { existsSync } from "node:fs";
import { join } from "node:path";
import { ProRecError } from "../errors.ts";
import { type Interactions, interactionsFromPairs } from "../interactions/interactions.ts";
import { synthesize } from "../interactions/synthesize.ts";
import { readInteractions } from "../io/log.ts";
import { printablePath } from "../io/printable.ts";
import type { RunOptions } from "../progress.ts";

/** The paper's logs. Yahoo's can't be had, so a log of its kind is generated. */
export type LogName = "amusic" | "atoy" | "yahoo-shaped" | "ml-100k";

/** 25 clicks a user as Yahoo has; a 390th of its users, a ninth of its items, so that networks can be fitted on two cores. */
export const YAHOO_SHAPED = { users: 5000, items: 5000, interactions: 125_000, noise: 0.1, seed: 1 } as const;

export const LOG_TITLES: Readonly<Record<LogName, string>> = {
  amusic: "AMusic",
  atoy: "AToy",
  "yahoo-shaped": "Yahoo-shaped, generated",
  "ml-100k": "ML-100k (ratings of 4 and more)",
};

/** The log's name in a word. */
export function shortTitle(name: LogName): string {
  return LOG_TITLES[name].split(/[ ,]/, 1)[0]!;
}

const FILES: { readonly [name in LogName]?: string } = {
  amusic: "amusic/ratings.tsv",
  atoy: "atoy/ratings.tsv",
  "ml-100k": "ml-100k/u.data",
};

/** Where a log lies below the data folder. */
export function logFile(data: string, name: "ml-100k"): string {
  return join(data, FILES[name]!);
}

/** @throws ProRecError UNREADABLE_FILE naming all files that are not there. */
export function assertLogs(data: string, names: Iterable<LogName>): void {
  const files = [...new Set(names)].flatMap((name) => FILES[name] ?? []);
  const missing = files.filter((file) => !existsSync(join(data, file)));
  if (missing.length === 0) return;
  throw new ProRecError(
    "UNREADABLE_FILE",
    `${printablePath(data)} lacks ${missing.join(", ")}, which this is computed from.`,
    {
      details: { file: join(data, missing[0]!) },
      hint: "Give the folder that holds them with --data. prorec datasets get ml-100k -o data/ml-100k fetches MovieLens; AMusic and AToy are published by DeepCF's authors: github.com/familyld/DeepCF.",
    },
  );
}

export async function paperLog(data: string, name: LogName, options: RunOptions): Promise<Interactions> {
  const file = FILES[name];
  if (file === undefined) return yahooShaped();
  const minRating = name === "ml-100k" ? { minRating: 4 } : {};
  return readInteractions(join(data, file), { ...minRating, signal: options.signal });
}

function yahooShaped(): Interactions {
  const log = synthesize(YAHOO_SHAPED);
  return interactionsFromPairs(pairs());

  function* pairs(): Generator<[string, string]> {
    for (const { firstUser, offsets, items } of log.blocks()) {
      for (let user = 0; user + 1 < offsets.length; user++) {
        const id = log.userId(firstUser + user);
        for (const item of items.subarray(offsets[user], offsets[user + 1])) yield [id, log.itemId(item)];
      }
    }
  }
}
