import type { Threads } from "../parallel/crew.ts";
import { breathe, type RunOptions } from "../progress.ts";
import { randomFor } from "../random.ts";
import { dot, timesTransposed, transposeDense, transposedProduct } from "./dense.ts";
import { symmetricEigen } from "./eigen.ts";
import { type SparseMatrix, transpose } from "./sparse.ts";
import { withSparseProducts } from "./sparse-products.ts";

/** The leading singular values, largest first, and right singular vectors (columns x rank, row-major). */
export interface TruncatedSvd {
  readonly rank: number;
  readonly values: Float64Array;
  readonly right: Float64Array;
}

const OVERSAMPLING = 10;
/** Below this share of the largest, a singular value counts as zero: the Gram matrix it is read off has lost it. */
const NEGLIGIBLE = 1e-7;

/**
 * Randomized truncated SVD (Halko, Martinsson & Tropp 2011) by subspace iteration with re-orthonormalisation on the
 * smaller side of the matrix; float64 throughout. `rank` is cut to the smaller side.
 */
export async function randomizedSvd(
  matrix: SparseMatrix,
  options: RunOptions & { rank: number; seed: number; iterations: number; threads?: Threads | undefined },
): Promise<TruncatedSvd> {
  const { seed, iterations, signal, onProgress } = options;
  const wide = matrix.rows < matrix.columns;
  const tall = wide ? transpose(matrix) : matrix;
  const side = tall.columns;
  const rank = Math.min(options.rank, side);
  const width = Math.min(rank + OVERSAMPLING, side);

  const random = randomFor(seed, "svd");
  let basis: Float64Array = Float64Array.from({ length: side * width }, () => random.normal());
  return withSparseProducts(tall, width, options, async (products) => {
    let image = basis;
    for (let iteration = 0; iteration <= iterations; iteration++) {
      onProgress?.({ stage: "svd", done: iteration, total: iterations + 1 });
      basis = await orthonormalize(image, width, signal);
      image = await products.gramTimes(basis, width);
    }
    const { values: squares, vectors } = symmetricEigen(
      await transposedProduct(basis, image, width, signal),
      width,
    );
    const leading = vectors.subarray(0, rank * width);
    const values = Float64Array.from(squares.subarray(0, rank), (square) => Math.sqrt(Math.max(square, 0)));
    const floor = NEGLIGIBLE * (values[0] ?? 0);
    for (let index = 0; index < rank; index++) if (values[index]! <= floor) values[index] = 0;
    const own = timesTransposed(basis, leading, width);
    const right = wide ? await products.times(own, rank) : own;
    for (let index = 0; index < right.length; index++) {
      const value = values[index % rank]!;
      if (value === 0) right[index] = 0;
      else if (wide) right[index]! /= value;
    }
    onProgress?.({ stage: "svd", done: iterations + 1, total: iterations + 1 });
    return { rank, values, right };
  });
}

/**
 * Orthonormal columns with the same span (columns of a row-major array, `width` numbers a row), by Gram-Schmidt run
 * twice; a column that depends on earlier ones becomes zero.
 */
export async function orthonormalize(
  columns: Float64Array,
  width: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const turned = transposeDense(columns, width);
  const length = columns.length / width;
  const at = (column: number) => turned.subarray(column * length, (column + 1) * length);
  for (let column = 0; column < width; column++) {
    await breathe(signal);
    const vector = at(column);
    const before = Math.sqrt(dot(vector, vector));
    for (let round = 0; round < 2; round++) {
      let earlier = 0;
      for (; earlier + 4 <= column; earlier += 4) {
        removeFour(vector, at(earlier), at(earlier + 1), at(earlier + 2), at(earlier + 3));
      }
      for (; earlier < column; earlier++) removeOne(vector, at(earlier));
    }
    const after = Math.sqrt(dot(vector, vector));
    const scale = after > 1e-12 * before ? 1 / after : 0;
    for (let index = 0; index < length; index++) vector[index]! *= scale;
  }
  return transposeDense(turned, length);
}

/** Takes the shares of four orthonormal vectors out of `vector`: four sums at a time don't wait for each other. */
function removeFour(
  vector: Float64Array,
  first: Float64Array,
  second: Float64Array,
  third: Float64Array,
  fourth: Float64Array,
): void {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let index = 0; index < vector.length; index++) {
    const value = vector[index]!;
    a += value * first[index]!;
    b += value * second[index]!;
    c += value * third[index]!;
    d += value * fourth[index]!;
  }
  for (let index = 0; index < vector.length; index++) {
    vector[index]! -= a * first[index]! + b * second[index]! + (c * third[index]! + d * fourth[index]!);
  }
}

function removeOne(vector: Float64Array, unit: Float64Array): void {
  const share = dot(vector, unit);
  for (let index = 0; index < vector.length; index++) vector[index]! -= share * unit[index]!;
}
