import type { Interactions } from "../interactions/interactions.ts";
import type { RunOptions } from "../progress.ts";
import { type Log, type LogOptions, logOf, readLog } from "./log.ts";
import type { ColumnChoices } from "./roles.ts";
import { openSource } from "./source.ts";

/**
 * Opens a log in CSV, TSV, NDJSON (also gzip or zstd), Parquet or SciPy's `.npz`, in one or several files or patterns of
 * their names; "-" is standard input.
 * Columns are recognised by name; files without a header hold user, item, rating, timestamp.
 * @throws ProRecError as `openSource` and `logOf` do.
 */
export async function openLog(paths: string | readonly string[], options: LogOptions = {}): Promise<Log> {
  assertMinimum(options.minRating);
  return logOf(await openSource(paths, options), options);
}

/** @throws RangeError for a minimum rating that is no number. */
export function assertMinimum(minRating: number | undefined): void {
  if (minRating === undefined || Number.isFinite(minRating)) return;
  throw new RangeError(`The minimum rating is ${minRating}; it has to be a finite number.`);
}

/** Which columns to read, by name or by position counted from 1, where their names don't tell. */
export interface ReadOptions extends RunOptions, ColumnChoices {
  /** Only rows rated so or higher are positives; without it every row is. */
  readonly minRating?: number | undefined;
  /** The column that holds the rows' weights, "weight" in a denoised log. Rows where it is empty or 0 are left out. */
  readonly weights?: string | undefined;
}

/**
 * The interactions of a log, e.g. `await readInteractions("clicks.csv", { user: "user_id", item: "item_id" })`.
 * @throws ProRecError as `openLog` and `readLog` do.
 */
export async function readInteractions(
  paths: string | readonly string[],
  options: ReadOptions = {},
): Promise<Interactions> {
  const log = await openLog(paths, {
    columns: options,
    minRating: options.minRating,
    signal: options.signal,
  });
  try {
    if (options.weights === undefined) return (await readLog(log, options)).interactions;
    const { interactions, numbers } = await readLog(log, { ...options, numbers: [options.weights] });
    return interactions.withWeights(numbers[0]!);
  } finally {
    await log.source.close();
  }
}
