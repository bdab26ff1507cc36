import { type Interactions, InteractionsBuilder } from "../interactions/interactions.ts";
import { breathing, type RunOptions } from "../progress.ts";
import { badRow } from "./bad-row.ts";
import { idPositions, logRows } from "./log-rows.ts";
import { type NumericColumns, watchNumbers } from "./numeric-columns.ts";
import { assignRoles, type ColumnChoices, type Roles, unknownColumn } from "./roles.ts";
import { rowNumbers } from "./row-numbers.ts";
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
 * Opens a log in CSV, TSV, NDJSON (also gzip or zstd), Parquet or SciPy's `.npz`, in one or several files or patterns of
 * their names; "-" is standard input.
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

export interface ReadLogOptions extends RunOptions {
  /** Columns of numbers from 0 to read beside the pairs. Rows where the first of them is empty are no positives. */
  readonly numbers?: readonly string[];
}

/** What a log holds. */
export interface LogContent {
  readonly interactions: Interactions;
  readonly report: DataReport;
  /** Those asked for, a column an array in the row order of `interactions`; of a repeated pair the first row's. */
  readonly numbers: readonly Float32Array[];
}

/**
 * Reads all positives: every row, or those rated `minRating` or more. Ratings have to be finite numbers wherever there is a
 * rating column. Repeated pairs are merged.
 * @throws ProRecError BAD_ROW with file, row, column and value for an empty id, a bad rating or number; if no row is a
 * positive. UNKNOWN_COLUMN for numbers that are not there.
 */
export async function readLog(log: Log, options: ReadLogOptions = {}): Promise<LogContent> {
  const { source, minRating } = log;
  const builder = new InteractionsBuilder();
  const numeric = watchNumbers(source, log.roles);
  const names = options.numbers ?? [];
  const beside = rowNumbers(source, names);
  const users = idPositions(builder.users, log.roles.user);
  const items = idPositions(builder.items, log.roles.item);
  let rows = 0;
  let belowMinimum = 0;
  let withoutNumbers = 0;
  let lowest = Infinity;
  let highest = -Infinity;
  for await (const batch of source.batches(options.signal)) {
    const { user, item, rating } = logRows(source, log.roles, batch);
    const take = beside.of(batch);
    const userAt = users.of(batch, user);
    const itemAt = items.of(batch, item);
    for (let row = 0; row < batch.length; row++) {
      const value = rating(row);
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
      const isPositive = minRating === undefined || value >= minRating;
      if (isPositive && (names.length === 0 || take(row))) builder.addAt(userAt(row), itemAt(row));
      else {
        user(row); // every row has to have both ids
        item(row);
        if (isPositive) withoutNumbers++;
        else belowMinimum++;
      }
    }
    numeric.watch(batch);
    rows += batch.length;
    options.onProgress?.({ stage: "read", ...(source.progress?.() ?? { done: rows, total: rows }) });
  }
  if (withoutNumbers > 0 && builder.size === 0) {
    throw badRow({ file: source.name, column: names[0]! }, "no row has a value here.");
  }
  if (builder.size === 0) {
    const what = `none of the ${rows} rows is rated ${minRating} or more; the highest rating is ${highest}.`;
    throw badRow({ file: source.name }, what, "Lower the minimum rating.");
  }
  log.numeric = numeric.found();
  const interactions = await breathing(builder.build(), options.signal);
  const dropped = [
    { reason: `rated below ${minRating}`, rows: belowMinimum },
    { reason: `without ${names[0]}`, rows: withoutNumbers },
  ];
  const report: DataReport = {
    rows,
    users: interactions.users.size,
    items: interactions.items.size,
    interactions: interactions.size,
    duplicates: builder.size - interactions.size,
    dropped: dropped.filter(({ rows }) => rows > 0),
    ...(log.roles.rating === undefined ? {} : { ratings: { lowest, highest } }),
  };
  const numbers: Float32Array[] = [];
  for (const values of beside.taken()) {
    numbers.push((await breathing(builder.build(values), options.signal)).matrix.values);
  }
  return { interactions, report, numbers };
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
