import type { SparseMatrix } from "../../linalg/sparse.ts";
import type { BlockInput, BlockTask } from "../../parallel/block-task.ts";
import type { Crew } from "../../parallel/crew.ts";
import { sharedFloat32 } from "../../parallel/shared.ts";
import type { RunOptions } from "../../progress.ts";
import type { Columns } from "./columns.ts";

/** Items of a profile that are counted, evenly spread over it: a user with more costs no more than so many an item. */
const PROFILE = 1024;
/** Items that make a block. */
const ITEMS = 64;

export interface NeighbourJob {
  readonly matrix: SparseMatrix;
  readonly columns: Columns;
  /** Filled in, a number an entry. */
  readonly scores: Float32Array;
}

export const neighbourTask: BlockTask<NeighbourJob, void> = {
  module: import.meta.url,
  name: "neighbourBlock",
  work: neighbourBlock,
};

/**
 * How near the item is to the user's others: the mean over them of the cosine of the two items' users, the user
 * itself left out. O(sum n_u^2) and never an N x N array.
 */
export async function neighbourScores(
  matrix: SparseMatrix,
  columns: Columns,
  options: RunOptions,
  crew: Crew,
): Promise<Float32Array> {
  const scores = sharedFloat32(matrix.indices.length);
  const blocks = Math.ceil(matrix.columns / ITEMS);
  await crew.run(neighbourTask, { matrix, columns, scores }, blocks, { ...options, stage: "neighbours" });
  return scores;
}

export function neighbourBlock({ job, block }: BlockInput<NeighbourJob>): void {
  const { matrix, columns, scores } = job;
  const { offsets, indices } = matrix;
  const together = new Uint32Array(matrix.columns);
  const end = Math.min((block + 1) * ITEMS, matrix.columns);
  for (let item = block * ITEMS; item < end; item++) {
    const first = columns.offsets[item]!;
    const last = columns.offsets[item + 1]!;
    for (let position = first; position < last; position++) {
      const user = columns.rows[position]!;
      const stop = offsets[user + 1]!;
      const step = Math.ceil((stop - offsets[user]!) / PROFILE);
      for (let entry = offsets[user]!; entry < stop; entry += step) together[indices[entry]!]!++;
    }
    for (let position = first; position < last; position++) {
      const user = columns.rows[position]!;
      const stop = offsets[user + 1]!;
      const step = Math.ceil((stop - offsets[user]!) / PROFILE);
      let sum = 0;
      let others = 0;
      for (let entry = offsets[user]!; entry < stop; entry += step) {
        const other = indices[entry]!;
        if (other === item) continue;
        others++;
        const shared = together[other]! - 1;
        if (shared > 0) sum += shared / Math.sqrt(columns.offsets[other + 1]! - columns.offsets[other]! - 1);
      }
      if (sum > 0) scores[columns.entries[position]!] = sum / (others * Math.sqrt(last - first - 1));
    }
    for (let position = first; position < last; position++) {
      const user = columns.rows[position]!;
      const stop = offsets[user + 1]!;
      const step = Math.ceil((stop - offsets[user]!) / PROFILE);
      for (let entry = offsets[user]!; entry < stop; entry += step) together[indices[entry]!] = 0;
    }
  }
}
