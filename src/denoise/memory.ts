import type { SparseMatrix } from "../linalg/sparse.ts";

/** What is there before any data: Node itself, its heap, the code. */
const RUNTIME = 80e6;
/** Text on its way in and out, until the garbage collector comes: so much a row, and so much at most. */
const ROW = 1300;
const ROWS = 70e6;
/** Strings, map entries and array slots of one external id. */
const ID = 120;
/** Columns that the randomized SVD carries beyond the rank. */
const OVERSAMPLING = 10;
/** Bytes of an interaction: compressed rows, association, match, rank, relevance, weights. */
const INTERACTION = 36;

/** Estimated peak memory, in bytes, of a denoise with `rank` numbers an embedding, whether fitted here or given. */
export function denoiseBytes(matrix: SparseMatrix, rank: number, fitted: boolean): number {
  const { rows, columns, indices } = matrix;
  const streams = Math.min(ROWS, ROW * indices.length);
  const ids = ID * (rows + columns);
  const interactions = INTERACTION * indices.length;
  const embeddings = 4 * rank * (rows + columns);
  const subspace = 8 * (rank + OVERSAMPLING) * (4 * Math.min(rows, columns) + 2 * columns);
  return RUNTIME + streams + ids + interactions + embeddings + (fitted ? subspace : 0);
}
