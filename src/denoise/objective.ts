import { dot, gram, trace } from "../linalg/dense.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";
import { breathe } from "../progress.ts";
import { type FactorScores, fillScores, type Scores } from "../scores.ts";
import { crossEntropies } from "./cross-entropy.ts";

/** Multiplications between two breaths: some tens of milliseconds. */
const STEP = 3e7;
/** What fetching an entry costs at least, in multiplications. */
const ENTRY = 30;

/** What a fit is to make small, for several sets of values on one pattern: Eq. 26, or cross-entropy for networks. */
export function objectiveValues(
  matrix: SparseMatrix,
  scores: Scores,
  zeta: number,
  values: readonly Float32Array[],
  signal?: AbortSignal,
): Promise<number[]> {
  const network = scores.kind === "factors" && scores.activation !== undefined;
  return network
    ? crossEntropies(matrix, scores, values, signal)
    : squaredErrors(matrix, scores, zeta, values, signal);
}

/**
 * Eq. 26 for several sets of values on one pattern: |X - U V^T|^2 + zeta (|U|^2 + |V|^2). With factors by Gram
 * matrices, |U V^T|^2 = <U^T U, V^T V>, so never M x N; for other scores row by row, without the penalty.
 */
export async function squaredErrors(
  matrix: SparseMatrix,
  scores: Scores,
  zeta: number,
  values: readonly Float32Array[],
  signal?: AbortSignal,
): Promise<number[]> {
  const products = new Float64Array(values.length);
  const constant = scores.kind === "factors" ? await penalised(scores, zeta, signal) : 0;
  let squares = 0;
  let work = 0;
  const row = new Float32Array(scores.kind === "rows" ? scores.items : 0);
  for (let user = 0; user < matrix.rows; user++) {
    if (scores.kind === "rows") {
      fillScores(scores, user, user + 1, row);
      squares += dot(row, row);
    }
    const start = matrix.offsets[user]!;
    const end = matrix.offsets[user + 1]!;
    for (let entry = start; entry < end; entry++) {
      const item = matrix.indices[entry]!;
      const score = scores.kind === "rows" ? row[item]! : scoreOf(scores, user, item);
      for (let set = 0; set < values.length; set++) products[set]! += values[set]![entry]! * score;
    }
    work += scores.kind === "rows" ? scores.items : (end - start) * Math.max(scores.rank, ENTRY);
    if (work > STEP) {
      work = 0;
      await breathe(signal);
    }
  }
  return values.map((set, index) => dot(set, set) - 2 * products[index]! + squares + constant);
}

async function penalised(
  { userFactors, itemFactors, rank }: FactorScores,
  zeta: number,
  signal?: AbortSignal,
) {
  const users = await gram(userFactors, rank, signal);
  const items = await gram(itemFactors, rank, signal);
  return dot(users, items) + zeta * (trace(users, rank) + trace(items, rank));
}

function scoreOf({ userFactors, itemFactors, rank }: FactorScores, user: number, item: number): number {
  let score = 0;
  for (let k = 0, left = user * rank, right = item * rank; k < rank; k++) {
    score += userFactors[left + k]! * itemFactors[right + k]!;
  }
  return score;
}
