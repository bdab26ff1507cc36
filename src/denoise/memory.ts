import { RUNTIME_BYTES, YOUNG_BYTES } from "../host.ts";

/** As much of a sparse matrix as its memory depends on. */
interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
  readonly indices: { readonly length: number };
}

/** A worker thread before any data. */
const THREAD = 25e6;
/**
 * Rows on their way in and out, until the garbage collector comes: so much a row, and at most some slices and row
 * groups beside the young generation.
 */
const ROW = 1000;
const SLICES = 75e6;
/** Strings, map entries and array slots of one external id. */
const ID = 120;
/** Columns that the randomized SVD carries beyond the rank. */
const OVERSAMPLING = 10;
/** Bytes of an interaction: compressed rows, association, match, rank, relevance, weights. */
const INTERACTION = 28;
/** Bytes of a user or item in the sums by near and far field: length, its float32 bits, digits and order. */
const FAR = 20;

/**
 * Estimated peak memory, in bytes, of a denoise with `rank` numbers an embedding, whether fitted here or given, with
 * `threads` beside the main one: what stays throughout, and the larger of the fit and the transport by near and far sums.
 */
export function denoiseBytes(matrix: MatrixShape, rank: number, fitted: boolean, threads = 0): number {
  const { rows, columns, indices } = matrix;
  const streams = Math.min(SLICES + YOUNG_BYTES, ROW * indices.length);
  const ids = ID * (rows + columns);
  const interactions = INTERACTION * indices.length;
  const embeddings = 4 * rank * (rows + columns);
  const subspace = 8 * (rank + OVERSAMPLING) * (4 * Math.min(rows, columns) + 2 * columns);
  const fit = fitted ? subspace + threads * THREAD : 0;
  const packed = 8 * rank * columns;
  const transport = FAR * (rows + columns) + 4 * rank * columns + threads * (THREAD + packed);
  return RUNTIME_BYTES + streams + ids + interactions + embeddings + Math.max(fit, transport);
}
