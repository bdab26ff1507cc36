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
