import { type Interactions, InteractionsBuilder } from "../interactions/interactions.ts";
import type { RunOptions } from "../progress.ts";
import { badRow } from "./bad-row.ts";
import { logRows, positionOf } from "./log-rows.ts";
import { type NumericColumns, watchNumbers } from "./numeric-columns.ts";
import { assignRoles, type ColumnChoices, type Roles, unknownColumn } from "./roles.ts";
import type { RowSource } from "./rows.ts";
import { openSource, type SourceOptions } from "./source.ts";

/** A log of interactions: rows, and which columns say what. */
export interface Log {
  readonly source: RowSource;
  readonly roles: Roles;
  /** Rows rated lower are not positives. */
  readonly minRating: number | undefined;
  /** Rating and timestamp columns whose text is canonical; empty until `readLog` has ended. */
  numeric: NumericColumns;
}

export interface LogOptions extends SourceOptions {
  readonly minRating?: number | undefined;
}

/** What was found in a log. */
export interface DataReport {
  readonly rows: number;
  readonly users: number;
  readonly items: number;
  /** Different user-item pairs among the positives. */
  readonly interactions: number;
  /** Positives that repeat an earlier pair. */
  readonly duplicates: number;
  readonly dropped: readonly { readonly reason: string; readonly rows: number }[];
  /** Of all rows, where there is a rating column. */
  readonly ratings?: { readonly lowest: number; readonly highest: number };
}

/**
 * Opens a log in CSV, TSV, NDJSON or Parquet (text also gzipped), in one or several files; "-" is standard input.
 * Columns are recognised by name; files without a header hold user, item, rating, timestamp.
 * @throws ProRecError UNKNOWN_COLUMN if user or item can't be told, or a minimum is given without ratings; and what `openSource` throws.
 */
export async function openLog(paths: string | readonly string[], options: LogOptions = {}): Promise<Log> {
  const { minRating } = options;
  if (minRating !== undefined && !Number.isFinite(minRating)) {
    throw new RangeError(`The minimum rating is ${minRating}; it has to be a finite number.`);
  }
  const source = await openSource(paths, options);
  try {
    const names = source.columns.map((column) => column.name);
    const roles = assignRoles(source.name, names, options.columns);
    if (minRating !== undefined && roles.rating === undefined) {
      throw unknownColumn(
        source.name,
        names,
        "A minimum rating is given, but no column's name says that it holds ratings",
      );
    }
    return { source, roles, minRating, numeric: new Map() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * Reads all positives: every row, or those rated `minRating` or more. Ratings have to be finite numbers wherever there is a
 * rating column. Repeated pairs are merged.
 * @throws ProRecError BAD_ROW with file, row, column and value for an empty id or a bad rating; if no row is a positive.
 */
export async function readLog(
  log: Log,
  options: RunOptions = {},
): Promise<{ interactions: Interactions; report: DataReport }> {
  const { source, minRating } = log;
  const builder = new InteractionsBuilder();
  const numbers = watchNumbers(source, log.roles);
  let rows = 0;
  let lowest = Infinity;
  let highest = -Infinity;
  for await (const batch of source.batches(options.signal)) {
    const { user, item, rating } = logRows(source, log.roles, batch);
    for (let row = 0; row < batch.length; row++) {
      const value = rating(row);
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
      const userId = user(row);
      const itemId = item(row);
      if (minRating === undefined || value >= minRating) {
        builder.addAt(positionOf(builder.users, userId), positionOf(builder.items, itemId));
      }
    }
    numbers.watch(batch);
    rows += batch.length;
    options.onProgress?.({ stage: "read", ...(source.progress?.() ?? { done: rows, total: rows }) });
  }
  if (builder.size === 0) {
    const what = `none of the ${rows} rows is rated ${minRating} or more; the highest rating is ${highest}.`;
    throw badRow({ file: source.name }, what, "Lower the minimum rating.");
  }
  log.numeric = numbers.found();
  const interactions = builder.build();
  const belowMinimum = rows - builder.size;
  const report: DataReport = {
    rows,
    users: interactions.users.size,
    items: interactions.items.size,
    interactions: interactions.size,
    duplicates: builder.size - interactions.size,
    dropped: belowMinimum > 0 ? [{ reason: `rated below ${minRating}`, rows: belowMinimum }] : [],
    ...(log.roles.rating === undefined ? {} : { ratings: { lowest, highest } }),
  };
  return { interactions, report };
}

/** Which columns to read, by name or by position counted from 1, where their names don't tell. */
export interface ReadOptions extends RunOptions, ColumnChoices {
  /** Only rows rated so or higher are positives; without it every row is. */
  readonly minRating?: number | undefined;
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
    return (await readLog(log, options)).interactions;
  } finally {
    await log.source.close();
  }
}
