import type { Interactions } from "../interactions/interactions.ts";
import { findEntry } from "../linalg/sparse.ts";
import type { RunOptions } from "../progress.ts";
import type { Log } from "./log.ts";
import { logRows } from "./log-rows.ts";
import type { Cell } from "./rows.ts";

/**
 * When each interaction of a log was made, in row order: numbers as they are, dates in milliseconds, NaN for what is
 * neither; of a repeated pair the first row's. Undefined without a timestamp column.
 * @throws ProRecError INPUT_CHANGED
 */
export async function readTimes(
  { source, roles, minRating }: Log,
  { users, items, matrix }: Interactions,
  { signal }: RunOptions = {},
): Promise<Float64Array | undefined> {
  const column = roles.timestamp;
  if (column === undefined) return undefined;
  const times = new Float64Array(matrix.indices.length).fill(Number.NaN);
  for await (const batch of source.batches(signal)) {
    const { user, item, rating } = logRows(source, roles, batch);
    for (let row = 0; row < batch.length; row++) {
      if (minRating !== undefined && rating(row) < minRating) continue;
      const entry = findEntry(matrix, users.indexOf(user(row)), items.indexOf(item(row)));
      if (Number.isNaN(times[entry])) times[entry] = timeOf(batch.columns[column]![row]!);
    }
  }
  return times;
}

function timeOf(cell: Cell): number {
  if (cell instanceof Date) return cell.getTime();
  if (typeof cell === "number" || typeof cell === "bigint") return Number(cell);
  if (typeof cell !== "string" || cell.trim() === "") return Number.NaN;
  const value = Number(cell);
  return Number.isNaN(value) ? Date.parse(cell) : value;
}
