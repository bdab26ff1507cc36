import { loadKernels } from "../kernels/load.ts";
import { type BlockInput, type BlockTask, type Strips, strip } from "../parallel/block-task.ts";
import type { Dense } from "./dense.ts";
import type { SparseMatrix } from "./sparse.ts";

/** Rows of the product that make a block. */
const ROWS = 4096;
/** Columns of the dense factor that make a block: a cache line or two of each of its rows. */
const COLUMNS = 16;

/** A sparse matrix times a dense one of `width` columns, row-major; `product` starts as zeros. */
export interface SparseProduct {
  readonly matrix: SparseMatrix;
  readonly dense: Dense;
  readonly width: number;
  readonly product: Dense;
}

/** matrix dense, by blocks of rows: each row of the product is rounded once. */
export const timesTask: BlockTask<SparseProduct, void> = {
  module: import.meta.url,
  name: "timesBlock",
  work: timesBlock,
  writes: ({ job: { product, width }, block }) => [
    strip(product, block * ROWS * width, (block + 1) * ROWS * width),
  ],
};

/** matrix^T dense, by blocks of columns, so that no thread adds into another's sums and none needs a transposed matrix. */
export const transposedTimesTask: BlockTask<SparseProduct, void> = {
  module: import.meta.url,
  name: "transposedTimesBlock",
  work: transposedTimesBlock,
  writes: columnStrips,
};

/** matrix^T (matrix dense), by blocks of columns, row by row of the matrix: what is between is never stored. */
export const gramTimesTask: BlockTask<SparseProduct, void> = {
  module: import.meta.url,
  name: "gramTimesBlock",
  work: gramTimesBlock,
  writes: columnStrips,
};

export function rowBlocksOf(matrix: SparseMatrix): number {
  return Math.ceil(matrix.rows / ROWS);
}

export function columnBlocksOf(width: number): number {
  return Math.ceil(width / COLUMNS);
}

/** A block's columns of the product, row by row. */
function columnStrips({ job: { product, width }, block }: BlockInput<SparseProduct>): Strips[] {
  const start = block * COLUMNS;
  const starts = Float64Array.from({ length: product.length / width }, (_, row) => row * width + start);
  return [{ array: product, starts, length: Math.min(COLUMNS, width - start) }];
}

export function timesBlock({ job, block }: BlockInput<SparseProduct>): void {
  const { matrix, dense, width, product } = job;
  const { offsets, indices, values } = matrix;
  const sums = new Float64Array(width);
  const end = Math.min((block + 1) * ROWS, matrix.rows);
  for (let row = block * ROWS; row < end; row++) {
    sums.fill(0);
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const value = values[entry]!;
      const from = indices[entry]! * width;
      for (let k = 0; k < width; k++) sums[k]! += value * dense[from + k]!;
    }
    product.set(sums, row * width);
  }
}

export function transposedTimesBlock({ job, block }: BlockInput<SparseProduct>): void {
  const { matrix, dense, width, product } = job;
  const { offsets, indices, values } = matrix;
  const start = block * COLUMNS;
  const count = Math.min(COLUMNS, width - start);
  for (let row = 0; row < matrix.rows; row++) {
    const from = row * width + start;
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const value = values[entry]!;
      const to = indices[entry]! * width + start;
      for (let k = 0; k < count; k++) product[to + k]! += value * dense[from + k]!;
    }
  }
}

export function gramTimesBlock({ job, block }: BlockInput<SparseProduct>): void {
  const { matrix, dense, width, product } = job;
  const kernel = loadKernels().sparseGram(matrix.columns);
  kernel.multiply(matrix, dense as Float64Array, product as Float64Array, width, block * COLUMNS);
}
