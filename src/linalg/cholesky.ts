/**
 * Lower Cholesky factor L of a symmetric positive definite matrix (n x n, row-major), in place: matrix = L L^T.
 * @throws RangeError if the matrix is not positive definite.
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column]!;
      for (let k = 0; k < column; k++) sum -= matrix[row * n + k]! * matrix[column * n + k]!;
      if (column < row) {
        matrix[row * n + column] = sum / matrix[column * n + column]!;
      } else {
        if (!(sum > 0)) throw new RangeError(`The matrix is not positive definite (pivot ${row} is ${sum}).`);
        matrix[row * n + row] = Math.sqrt(sum);
      }
    }
  }
  return matrix;
}

/** Solves L L^T x = b in place. */
export function choleskySolve(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  for (let row = 0; row < n; row++) {
    let sum = b[row]!;
    for (let k = 0; k < row; k++) sum -= factor[row * n + k]! * b[k]!;
    b[row] = sum / factor[row * n + row]!;
  }
  for (let row = n - 1; row >= 0; row--) {
    b[row]! /= factor[row * n + row]!;
    for (let k = 0; k < row; k++) b[k]! -= factor[row * n + k]! * b[row]!;
  }
  return b;
}
