import { breathe } from "../progress.ts";
import type { Dense } from "./dense.ts";
import type { SparseMatrix } from "./sparse.ts";

/** Multiplications between two breaths: some tens of milliseconds. */
const STEP = 2e7;

/** matrix times `dense` (matrix.columns x width, row-major): matrix.rows x width in float64. */
export async function sparseTimes(
  matrix: SparseMatrix,
  dense: Dense,
  width: number,
  signal?: AbortSignal,
): Promise<Float64Array<ArrayBuffer>> {
  const product = new Float64Array(matrix.rows * width);
  await sparseTimesInto(matrix, dense, width, product, signal);
  return product;
}

/** As `sparseTimes`, into an array of zeros: Float32Array rounds each finished row once. */
export async function sparseTimesInto(
  matrix: SparseMatrix,
  dense: Dense,
  width: number,
  product: Dense,
  signal?: AbortSignal,
): Promise<void> {
  const { offsets, indices, values } = matrix;
  const sums = new Float64Array(width);
  let work = 0;
  for (let row = 0; row < matrix.rows; row++) {
    sums.fill(0);
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const value = values[entry]!;
      const from = indices[entry]! * width;
      for (let k = 0; k < width; k++) sums[k]! += value * dense[from + k]!;
    }
    product.set(sums, row * width);
    work += (offsets[row + 1]! - offsets[row]! + 1) * width;
    if (work > STEP) {
      work = 0;
      await breathe(signal);
    }
  }
}
