/**
 * The scores of all user-item pairs, in the one form that models hand to the transport.
 * Never an M x N array: either two factor matrices or a function that fills rows.
 */
export type Scores = FactorScores | RowScores;

/** score(i, j) = <userFactors row i, itemFactors row j>. Both row-major, `rank` numbers a row. */
export interface FactorScores {
  readonly kind: "factors";
  readonly users: number;
  readonly items: number;
  readonly rank: number;
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
  /** Whether the last number of an item's row is its bias, and that of each user's 1. */
  readonly biased?: boolean | undefined;
  /** What makes a probability of a score, for networks: of each by itself, or over all items. Ranks are the same without. */
  readonly activation?: "sigmoid" | "softmax" | undefined;
}

/** Scores that no factor pair gives (a network's output), filled row by row. */
export interface RowScores {
  readonly kind: "rows";
  readonly users: number;
  readonly items: number;
  /** Fills `out` (row-major, items numbers a row) with the scores of users start..end-1. */
  fill(start: number, end: number, out: Float32Array): void;
}

/** Costs of all pairs, row-major. */
export interface CostMatrix {
  readonly cost: Float64Array | Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Fills `out` (row-major) with the scores of users start..end-1. */
export function fillScores(scores: Scores, start: number, end: number, out: Float32Array): void {
  if (scores.kind === "rows") {
    scores.fill(start, end, out);
    return;
  }
  const { items, rank, userFactors, itemFactors } = scores;
  for (let user = start; user < end; user++) {
    const left = user * rank;
    const row = (user - start) * items;
    for (let item = 0, right = 0; item < items; item++, right += rank) {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += userFactors[left + k]! * itemFactors[right + k]!;
      out[row + item] = sum;
    }
  }
}
