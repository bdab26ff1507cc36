import { rowFiller } from "../kernels/fill-rows.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";
import { breathe } from "../progress.ts";
import type { FactorScores } from "../scores.ts";
import { logSumExp } from "./network-score.ts";

/** Scores between two breaths: some tens of milliseconds. */
const STEP = 2 ** 20;

/**
 * Eq. 26's counterpart for networks, for several sets of values on one pattern, from logits z: for "sigmoid" the sum
 * over all pairs of log(1 + e^z) - x z, for "softmax" the sum over users of |x| log(sum_j e^z_j) - <x, z>.
 */
export async function crossEntropies(
  matrix: SparseMatrix,
  scores: FactorScores,
  values: readonly Float32Array[],
  signal?: AbortSignal,
): Promise<number[]> {
  const losses = values.map(() => 0);
  const { items, activation } = scores;
  const fill = rowFiller(scores);
  const users = Math.max(1, Math.floor(STEP / items));
  const block = new Float32Array(users * items);
  for (let start = 0; start < matrix.rows; start += users) {
    await breathe(signal);
    const end = Math.min(start + users, matrix.rows);
    fill(start, end, block.subarray(0, (end - start) * items));
    for (let user = start; user < end; user++) {
      const row = block.subarray((user - start) * items, (user - start + 1) * items);
      const first = matrix.offsets[user]!;
      const last = matrix.offsets[user + 1]!;
      const normaliser = activation === "softmax" ? logSumExp(row) : 0;
      const background = activation === "softmax" ? 0 : sumOfSoftplus(row);
      for (let set = 0; set < values.length; set++) {
        let loss = background;
        for (let entry = first; entry < last; entry++) {
          loss += values[set]![entry]! * (normaliser - row[matrix.indices[entry]!]!);
        }
        losses[set]! += loss;
      }
    }
  }
  return losses;
}

function sumOfSoftplus(row: Float32Array): number {
  let sum = 0;
  for (const z of row) sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  return sum;
}
