import { freemem } from "node:os";
import { ProRecError } from "../errors.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";

/** What is there before any data: Node itself, its heap, the code. */
const RUNTIME = 65e6;
/** A worker thread before any data. */
const THREAD = 25e6;
/**
 * Rows on their way in and out, until the garbage collector comes: so much a row, and at most some slices and row
 * groups beside the young generation, whose three halves V8 lets grow to 32 MB from Node 22 on and to 16 MB before.
 */
const ROW = 1300;
const SLICES = 75e6;
const YOUNG = 3 * (Number(process.versions.node.split(".", 1)[0]) >= 22 ? 32e6 : 16e6);
/** Strings, map entries and array slots of one external id. */
const ID = 120;
/** Columns that the randomized SVD carries beyond the rank. */
const OVERSAMPLING = 10;
/** Bytes of an interaction: compressed rows, association, match, rank, relevance, weights. */
const INTERACTION = 36;
/** Bytes of a user or item in the sums by near and far field: length, its float32 bits, digits and order. */
const FAR = 20;

/**
 * Estimated peak memory, in bytes, of a denoise with `rank` numbers an embedding, whether fitted here or given, with
 * `threads` beside the main one: reading, the fit, the transport with near and far sums, and writing.
 */
export function denoiseBytes(matrix: SparseMatrix, rank: number, fitted: boolean, threads = 0): number {
  const { rows, columns, indices } = matrix;
  const streams = Math.min(SLICES + YOUNG, ROW * indices.length);
  const ids = ID * (rows + columns);
  const interactions = INTERACTION * indices.length;
  const embeddings = 4 * rank * (rows + columns);
  const subspace = 8 * (rank + OVERSAMPLING) * (4 * Math.min(rows, columns) + 2 * columns);
  const far = FAR * (rows + columns) + 4 * rank * columns;
  const packed = THREAD + 8 * rank * columns;
  return (
    RUNTIME + streams + ids + interactions + embeddings + (fitted ? subspace : 0) + far + threads * packed
  );
}

/** @throws ProRecError TOO_LARGE with both figures where `bytes` exceeds the memory that is free. */
export function assertFits(bytes: number): void {
  const constrained = process.constrainedMemory?.() ?? 0;
  const limit = constrained > 0 ? Math.min(freemem(), constrained - process.memoryUsage.rss()) : freemem();
  const free = limit + process.memoryUsage.rss();
  if (bytes <= free) return;
  throw new ProRecError(
    "TOO_LARGE",
    `This needs about ${inMegabytes(bytes)} of memory and ${inMegabytes(free)} are free.`,
    {
      details: { estimatedBytes: bytes, freeBytes: free },
      hint: "Use fewer factors, raise --min-rating, or run it on a machine with more memory.",
    },
  );
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}
