import type { SparseMatrix } from "../linalg/sparse.ts";

/** Verdicts of a matrix's interactions. */
export interface StaleLabels {
  readonly matrix: SparseMatrix;
  readonly noise: Uint8Array;
}

/** How far the labels that were kept are from what a transport of everyone would give. */
export interface Staleness {
  /** Users whose labels were kept, and how many of them were drawn and matched anew to see. */
  readonly users: number;
  readonly checked: number;
  /** Share of the checked users' interactions with another verdict, and the 95% bound of that of all of them. */
  readonly share: number;
  readonly atMost: number;
}

/**
 * Compares kept verdicts with those of a match now, on users drawn at random. The bound is that of a ratio estimator over
 * users, at least 3 / users ("rule of three"); exact where everyone was checked.
 * @param fresh the rows of `checked`, in their order
 */
export function staleness(
  kept: StaleLabels,
  checked: Uint32Array,
  fresh: StaleLabels,
  others: Uint32Array,
): Staleness {
  const sizes = checked.map((_, row) => fresh.matrix.offsets[row + 1]! - fresh.matrix.offsets[row]!);
  const differing = checked.map((user, row) => {
    const [at, from] = [kept.matrix.offsets[user]!, fresh.matrix.offsets[row]!];
    let count = 0;
    for (let entry = 0; entry < sizes[row]!; entry++) {
      if (kept.noise[at + entry] !== fresh.noise[from + entry]) count++;
    }
    return count;
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const share = total > 0 ? differing.reduce((sum, count) => sum + count, 0) / total : 0;
  const [users, drawn] = [others.length, checked.length];
  if (drawn === users) return { users, checked: drawn, share, atMost: share };
  const squares = sizes.reduce((sum, size, row) => sum + (differing[row]! - share * size) ** 2, 0);
  const variance = ((1 - drawn / users) * squares * drawn) / (drawn - 1) / total ** 2;
  const atMost = Math.min(1, Math.max(share + 1.96 * Math.sqrt(variance), 3 / drawn));
  return { users, checked: drawn, share, atMost };
}
