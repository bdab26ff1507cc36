import { rowFiller } from "../kernels/fill-rows.ts";
import type { FactorScores, Scores } from "../scores.ts";

/** How a network's output is matched: as the probabilities it gives (the paper's M = -G), or before its last activation. */
export type NetworkScore = "probability" | "logit";

/** The scores to match: for "probability" the activated output, by rows, where the model has an activation. */
export function matchedScores(scores: Scores, read: NetworkScore): Scores {
  if (scores.kind !== "factors" || scores.activation === undefined || read === "logit") return scores;
  const { users, items } = scores;
  const logits = rowFiller(scores);
  const activate = ACTIVATIONS[scores.activation];
  return {
    kind: "rows",
    users,
    items,
    fill(start, end, out) {
      logits(start, end, out);
      for (let row = 0; row < (end - start) * items; row += items) activate(out.subarray(row, row + items));
    },
  };
}

const ACTIVATIONS: Record<NonNullable<FactorScores["activation"]>, (row: Float32Array) => void> = {
  sigmoid(row) {
    for (let item = 0; item < row.length; item++) row[item] = 1 / (1 + Math.exp(-row[item]!));
  },
  softmax(row) {
    const shift = logSumExp(row);
    for (let item = 0; item < row.length; item++) row[item] = Math.exp(row[item]! - shift);
  },
};

/** log of the sum of exp, without overflow. */
export function logSumExp(row: Float32Array): number {
  let most = -Infinity;
  for (const value of row) if (value > most) most = value;
  let sum = 0;
  for (const value of row) sum += Math.exp(value - most);
  return most + Math.log(sum);
}
