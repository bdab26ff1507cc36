import { rowFiller } from "../../kernels/fill-rows.ts";
import { findEntry, keepEntries, type SparseMatrix } from "../../linalg/sparse.ts";
import { breathe } from "../../progress.ts";
import { randomFor } from "../../random.ts";
import type { FactorScores } from "../../scores.ts";
import { maskSeen, topItems } from "../top-items.ts";

/** Length of the rankings: long enough for a user's few held-out items to be seen. */
const LENGTH = 20;
/** Scores held at a time. */
const HELD = 2 ** 20;

/** Some of the interactions for training and the others, about `share` of them, to validate on. */
export function holdOut(matrix: SparseMatrix, share: number, seed: number) {
  const random = randomFor(seed, "network/validation");
  const held = Uint8Array.from(matrix.indices, () => Number(random.uniform() < share));
  return {
    training: keepEntries(matrix, (entry) => held[entry] === 0),
    validation: keepEntries(matrix, (entry) => held[entry] === 1),
  };
}

/** Mean NDCG@20 of the validation interactions among the items that don't train, over the users that have both. */
export async function validationGain(
  scores: FactorScores,
  training: SparseMatrix,
  validation: SparseMatrix,
  signal?: AbortSignal,
): Promise<number> {
  const fill = rowFiller(scores);
  const rows = Math.max(1, Math.floor(HELD / scores.items));
  const block = new Float32Array(rows * scores.items);
  let sum = 0;
  let users = 0;
  for (let start = 0; start < scores.users; start += rows) {
    await breathe(signal);
    const end = Math.min(start + rows, scores.users);
    fill(start, end, block.subarray(0, (end - start) * scores.items));
    for (let user = start; user < end; user++) {
      const wanted = validation.offsets[user + 1]! - validation.offsets[user]!;
      if (wanted === 0 || training.offsets[user] === training.offsets[user + 1]) continue;
      const row = block.subarray((user - start) * scores.items, (user - start + 1) * scores.items);
      maskSeen(training, user, row);
      let gain = 0;
      let ideal = 0;
      for (const [place, item] of topItems(row, LENGTH).entries()) {
        const worth = 1 / Math.log2(place + 2);
        if (place < wanted) ideal += worth;
        if (findEntry(validation, user, item) >= 0) gain += worth;
      }
      sum += ideal > 0 ? gain / ideal : 0;
      users++;
    }
  }
  return users > 0 ? sum / users : 0;
}
