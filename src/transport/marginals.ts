import { columnCounts, rowCounts, type SparseMatrix } from "../linalg/sparse.ts";

/** How much mass each user has to give (q, sums to 1) and each item to take (p, sums to 1). */
export interface Marginals {
  readonly users: Float64Array;
  readonly items: Float64Array;
}

/** q_i = n_i / nnz and p_j = n_j / nnz, the popularity marginals of Eq. 4. */
export function popularityMarginals(matrix: SparseMatrix): Marginals {
  const share = (count: number) => count / matrix.indices.length;
  return {
    users: Float64Array.from(rowCounts(matrix), share),
    items: Float64Array.from(columnCounts(matrix), share),
  };
}

/** The same share for every user and for every item that the log has, the marginals of Eq. 1. */
export function uniformMarginals(matrix: SparseMatrix): Marginals {
  const shares = (counts: Uint32Array) => {
    const present = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    return Float64Array.from(counts, (count) => (count > 0 ? 1 / present : 0));
  };
  return { users: shares(rowCounts(matrix)), items: shares(columnCounts(matrix)) };
}
