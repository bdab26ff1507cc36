import { timesTransposed, trace } from "../../linalg/dense.ts";
import { type SymmetricEigen, symmetricEigen } from "../../linalg/eigen.ts";

/**
 * Two ways to measure lengths (symmetric, rank x rank), each the other's inverse, so that
 * |<u, v>|^2 <= (u^T users u) (v^T items v).
 */
export interface Gauge {
  readonly users: Float64Array;
  readonly items: Float64Array;
}

/** A direction with less than this share of the energy counts as having it, so that both matrices can be inverted. */
const LEAST = 1e-7;

/**
 * The gauge in which users and items share out every direction's energy evenly: users = A^-1 # B, the geometric mean
 * of two matrices (Bhatia, Positive Definite Matrices, chapter 4), A and B being the two sides' Gram matrices.
 */
export function balancedGauge(userGram: Float64Array, itemGram: Float64Array, rank: number): Gauge {
  const users = symmetricEigen(normalized(userGram, rank), rank);
  const root = withValues(users, Math.sqrt);
  const inverse = withValues(users, (value) => 1 / Math.sqrt(value));
  const middle = symmetricEigen(between(root, normalized(itemGram, rank), rank), rank);
  const floor = LEAST ** 2 * middle.values[0]!;
  const balance = (power: number) => withValues(middle, (value) => Math.max(value, floor) ** power);
  return {
    users: between(inverse, balance(0.5), rank),
    items: between(root, balance(-0.5), rank),
  };
}

/** The matrix over its trace, plus a little in every direction. */
function normalized(gram: Float64Array, rank: number): Float64Array {
  const energy = trace(gram, rank);
  const matrix = energy > 0 ? gram.map((value) => value / energy) : gram.slice();
  for (let k = 0; k < rank; k++) matrix[k * rank + k]! += LEAST;
  return matrix;
}

/** The symmetric matrix of the same eigenvectors whose eigenvalues went through `change`. */
function withValues({ values, vectors }: SymmetricEigen, change: (value: number) => number): Float64Array {
  const rank = values.length;
  const matrix = new Float64Array(rank * rank);
  for (const [k, value] of values.entries()) {
    const factor = change(value);
    for (let row = 0; row < rank; row++) {
      const scaled = factor * vectors[k * rank + row]!;
      for (let column = 0; column < rank; column++) {
        matrix[row * rank + column]! += scaled * vectors[k * rank + column]!;
      }
    }
  }
  return matrix;
}

/** outer inner outer, all symmetric. */
function between(outer: Float64Array, inner: Float64Array, rank: number): Float64Array {
  return timesTransposed(timesTransposed(outer, inner, rank), outer, rank);
}
