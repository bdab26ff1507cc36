import { breathe } from "../progress.ts";

/** A dense array of numbers, row-major where it has two dimensions. */
export type Dense = Float32Array | Float64Array;

/** Multiplications between two breaths: some tens of milliseconds. */
const STEP = 3e7;

/** rows^T rows (width x width, float64) of a row-major array with `width` numbers a row. */
export function gram(rows: Dense, width: number, signal?: AbortSignal): Promise<Float64Array> {
  return transposedProduct(rows, rows, width, signal);
}

/** left^T right (width x width, float64), known to be symmetric; both row-major with `width` numbers a row. */
export async function transposedProduct(
  left: Dense,
  right: Dense,
  width: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const product = new Float64Array(width * width);
  const step = width * 4 * Math.ceil(STEP / (4 * width * width));
  for (let from = 0; from < left.length; from += step) {
    if (from > 0) await breathe(signal);
    addUpperProduct(product, left, right, width, from, Math.min(from + step, left.length));
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) product[i * width + j] = product[j * width + i]!;
  }
  return product;
}

/** Adds the rows from..to - 1 (positions in the arrays) to the upper triangle, four rows at a time. */
function addUpperProduct(
  product: Float64Array,
  left: Dense,
  right: Dense,
  width: number,
  from: number,
  to: number,
): void {
  let row = from;
  for (; row + 4 * width <= to; row += 4 * width) {
    const second = row + width;
    const third = second + width;
    const fourth = third + width;
    for (let i = 0; i < width; i++) {
      const a = left[row + i]!;
      const b = left[second + i]!;
      const c = left[third + i]!;
      const d = left[fourth + i]!;
      const target = i * width;
      for (let j = i; j < width; j++) {
        product[target + j]! +=
          a * right[row + j]! + b * right[second + j]! + (c * right[third + j]! + d * right[fourth + j]!);
      }
    }
  }
  for (; row < to; row += width) {
    for (let i = 0; i < width; i++) {
      const factor = left[row + i]!;
      for (let j = i; j < width; j++) product[i * width + j]! += factor * right[row + j]!;
    }
  }
}

/** rows (n x width) times the transpose of `columns` (count x width): n x count. */
export function timesTransposed(rows: Dense, columns: Dense, width: number): Float64Array {
  const n = rows.length / width;
  const count = columns.length / width;
  const product = new Float64Array(n * count);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < count; column++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += rows[row * width + k]! * columns[column * width + k]!;
      product[row * count + column] = sum;
    }
  }
  return product;
}

/** Sum of products of two arrays of one length. */
export function dot(left: Dense, right: Dense): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += left[index]! * right[index]!;
  return sum;
}

/** The transpose of a row-major array with `width` numbers a row. */
export function transposeDense(rows: Float64Array, width: number): Float64Array {
  const height = rows.length / width;
  const turned = new Float64Array(rows.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++)
      turned[column * height + row] = rows[row * width + column]!;
  }
  return turned;
}

/** Sum of the diagonal of an n x n matrix. */
export function trace(matrix: Dense, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += matrix[k * n + k]!;
  return sum;
}
