import { sharedFloat64 } from "../parallel/shared.ts";
import { breathe } from "../progress.ts";
import { type SparseMatrix, transpose } from "./sparse.ts";

/** Multiplications between two breaths: some tens of milliseconds. */
const STEP = 3e7;

/** The lower triangle of matrix diag(scales) matrix^T (rows x rows, row-major, float64, in shared memory). */
export async function rowGram(
  matrix: SparseMatrix,
  scales: Float64Array,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { rows, offsets, indices, values } = matrix;
  const turned = transpose(matrix);
  const product = sharedFloat64(rows * rows);
  let work = 0;
  for (let row = 0; row < rows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const column = indices[entry]!;
      const value = values[entry]! * scales[column]!;
      const end = turned.offsets[column + 1]!;
      for (let at = turned.offsets[column]!; at < end && turned.indices[at]! <= row; at++, work++) {
        product[row * rows + turned.indices[at]!]! += value * turned.values[at]!;
      }
    }
    if (work > STEP) {
      work = 0;
      await breathe(signal);
    }
  }
  return product;
}
