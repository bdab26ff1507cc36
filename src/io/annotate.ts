import type { RunOptions } from "../progress.ts";
import { badRow } from "./bad-row.ts";
import { copyBatches } from "./copy-batches.ts";
import type { Log } from "./log.ts";
import { logRows } from "./log-rows.ts";
import { assertNotInput } from "./output.ts";
import type { Cell, Cells, Column, RowBatch } from "./rows.ts";
import { type OutputTarget, openSink, outputFormat, pathOf } from "./sink.ts";

/** A column that is written beside those of the log. */
export interface AddedColumn {
  readonly name: string;
  readonly kind: "number" | "integer";
  readonly bits?: 32;
}

/**
 * Checks, before any work, that `writeAnnotated` can write there.
 * @throws ProRecError UNSUPPORTED_FORMAT for an unknown extension, UNWRITABLE_FILE for an output that is an input,
 * BAD_ROW for an added column that the log has already.
 */
export async function assertAnnotatable(
  log: Log,
  target: OutputTarget,
  added: readonly AddedColumn[],
): Promise<void> {
  outputFormat(target);
  const path = pathOf(target);
  if (path !== undefined) await assertNotInput(path, log.source.files);
  const names = new Set(log.source.columns.map(({ name }) => name));
  const taken = added.find(({ name }) => names.has(name));
  if (taken === undefined) return;
  throw badRow(
    { file: log.source.name, column: taken.name },
    "the log has this column already, and the output adds one of that name.",
    "Rename or remove it; was this log denoised before?",
  );
}

/**
 * Writes every row of the log in order, all its columns, then the added ones: `valuesOf` its user and item (an array
 * that the next call may fill anew), or nothing where that is undefined and for rows below the minimum rating. Text formats keep cells as they are; NDJSON and
 * Parquet get numbers for ratings and timestamps that are canonical ones (as `readLog` found).
 * @throws ProRecError as `assertAnnotatable`; INPUT_CHANGED; UNWRITABLE_FILE. No partial file is left.
 */
export async function writeAnnotated(
  log: Log,
  target: OutputTarget,
  added: readonly AddedColumn[],
  valuesOf: (user: string, item: string) => ArrayLike<number> | undefined,
  options: RunOptions = {},
): Promise<void> {
  await assertAnnotatable(log, target, added);
  const { source, roles, minRating } = log;
  const { columns, cellsOf } = typedColumns(log, target);
  const sink = await openSink(target, [...columns, ...added], columns.length);
  await copyBatches(log, sink, options, (batch) => {
    const { user, item, rating } = logRows(source, roles, batch);
    const values = added.map(() => new Float64Array(batch.length));
    const without: number[] = [];
    for (let row = 0; row < batch.length; row++) {
      const isPositive = minRating === undefined || rating(row) >= minRating;
      const found = isPositive ? valuesOf(user(row), item(row)) : undefined;
      if (found === undefined) without.push(row);
      else for (let column = 0; column < values.length; column++) values[column]![row] = found[column]!;
    }
    const beside = values.map((column) => withNulls(column, without));
    return { columns: [...cellsOf(batch), ...beside], length: batch.length, source: batch.source };
  });
}

function withNulls(numbers: Float64Array, rows: readonly number[]): Cells {
  if (rows.length === 0) return numbers;
  const cells = Array.from<Cell>(numbers);
  for (const row of rows) cells[row] = null;
  return cells;
}

/** The log's columns as the target's format keeps them, and a batch's cells in them. */
export function typedColumns(
  log: Log,
  target: OutputTarget,
): { columns: Column[]; cellsOf(batch: RowBatch): (readonly Cell[])[] } {
  const { kind } = outputFormat(target);
  const numeric = kind === "ndjson" || kind === "parquet" ? log.numeric : new Map<number, never>();
  const columns = log.source.columns.map((column, index): Column => {
    const kind = numeric.get(index);
    return kind === undefined ? column : { ...column, kind };
  });
  return {
    columns,
    cellsOf: ({ columns }) =>
      columns.map((cells, column) => (numeric.has(column) ? cells.map(Number) : cells)),
  };
}
