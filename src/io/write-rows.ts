import { breathe } from "../progress.ts";
import type { Cell, Column } from "./rows.ts";
import { type OutputTarget, openSink } from "./sink.ts";

const BATCH_ROWS = 4096;
/** Rows may be slow to make: milliseconds between two breaths. */
const BREATH = 50;

/**
 * Writes a table that is made row by row: `rows` give their cells in the order of `columns`. The format is that of the
 * extension; a stream gets CSV.
 * @throws ProRecError UNSUPPORTED_FORMAT, UNWRITABLE_FILE, ABORTED.
 */
export async function writeRows(
  target: OutputTarget,
  columns: readonly Column[],
  rows: Iterable<readonly Cell[]>,
  signal?: AbortSignal,
): Promise<void> {
  const sink = await openSink(target, columns);
  try {
    let batch: Cell[][] = columns.map(() => []);
    let length = 0;
    let breathed = performance.now();
    const flush = async () => {
      await sink.write(batch, length);
      batch = columns.map(() => []);
      length = 0;
    };
    for (const row of rows) {
      for (const [column, cells] of batch.entries()) cells.push(row[column]!);
      length++;
      if (performance.now() - breathed > BREATH) {
        await breathe(signal);
        breathed = performance.now();
      }
      if (length === BATCH_ROWS) await flush();
    }
    if (length > 0) await flush();
    await sink.commit();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
