import type { RunOptions } from "../progress.ts";
import type { Log } from "./log.ts";
import type { Cells, RowBatch, RowSink } from "./rows.ts";

/** What is written for a batch of a log. */
export interface CopiedBatch {
  readonly columns: readonly Cells[];
  readonly length: number;
  /** The rows' own text where the format has one. */
  readonly source?: ((row: number) => string) | undefined;
}

/** One pass over the log into the sink, which gets its name at the end or not at all. */
export async function copyBatches(
  { source }: Log,
  sink: RowSink,
  options: RunOptions,
  copy: (batch: RowBatch) => CopiedBatch,
): Promise<void> {
  try {
    let rows = 0;
    for await (const batch of source.batches(options.signal)) {
      const { columns, length, source: text } = copy(batch);
      await sink.write(columns, length, text);
      rows += batch.length;
      options.onProgress?.({ stage: "write", ...(source.progress?.() ?? { done: rows, total: rows }) });
    }
    await sink.commit();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
