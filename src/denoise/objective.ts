import { dot, gram, trace } from "../linalg/dense.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";
import { type FactorScores, fillScores, type Scores } from "../scores.ts";

/**
 * Eq. 26: |X - U V^T|^2 + zeta (|U|^2 + |V|^2). With factors by Gram matrices,
 * |U V^T|^2 = <U^T U, V^T V>, so never M x N; for other scores row by row, without the penalty.
 */
export function squaredError(matrix: SparseMatrix, scores: Scores, zeta: number): number {
  let error = 0;
  for (const value of matrix.values) error += value * value;
  if (scores.kind === "factors") {
    const { userFactors, itemFactors, rank } = scores;
    const users = gram(userFactors, rank);
    const items = gram(itemFactors, rank);
    return (
      error -
      2 * observedProduct(matrix, scores) +
      dot(users, items) +
      zeta * (trace(users, rank) + trace(items, rank))
    );
  }
  const row = new Float32Array(scores.items);
  for (let user = 0; user < scores.users; user++) {
    fillScores(scores, user, user + 1, row);
    error += dot(row, row);
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      error -= 2 * matrix.values[entry]! * row[matrix.indices[entry]!]!;
    }
  }
  return error;
}

/** Sum over the entries of value times score. */
function observedProduct(matrix: SparseMatrix, { userFactors, itemFactors, rank }: FactorScores): number {
  let total = 0;
  for (let user = 0; user < matrix.rows; user++) {
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      const left = user * rank;
      const right = matrix.indices[entry]! * rank;
      let score = 0;
      for (let k = 0; k < rank; k++) score += userFactors[left + k]! * itemFactors[right + k]!;
      total += matrix.values[entry]! * score;
    }
  }
  return total;
}
