/** Eigenvalues, largest first, and the eigenvectors as the rows of `vectors` (n x n, row-major). */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 60;

/**
 * Eigendecomposition of a dense symmetric matrix (n x n, row-major; not changed): Householder tridiagonalisation,
 * then implicitly shifted QL (Golub & Van Loan, Matrix Computations, 8.3).
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const { diagonal, below, basis } = tridiagonalize(Float64Array.from(matrix), n);
  diagonalize(diagonal, below, basis, n);
  const order = Array.from({ length: n }, (_, index) => index).sort((a, b) => diagonal[b]! - diagonal[a]!);
  const vectors = new Float64Array(n * n);
  for (const [row, from] of order.entries()) vectors.set(basis.subarray(from * n, (from + 1) * n), row * n);
  return { values: Float64Array.from(order, (from) => diagonal[from]!), vectors };
}

/** matrix = basis^T T basis with T tridiagonal; below[i] couples i and i + 1. Overwrites `matrix`. */
function tridiagonalize(matrix: Float64Array, n: number) {
  const basis = new Float64Array(n * n);
  for (let index = 0; index < n; index++) basis[index * n + index] = 1;
  const reflector = new Float64Array(n);
  const product = new Float64Array(n);
  for (let column = 0; column < n - 2; column++) {
    const scale = reflectorOf(matrix, n, column, reflector);
    if (scale === 0) continue;
    reflectBothSides(matrix, n, column + 1, reflector, scale, product);
    reflectRows(basis, n, column + 1, reflector, scale, product);
  }
  const diagonal = Float64Array.from({ length: n }, (_, index) => matrix[index * n + index]!);
  const below = Float64Array.from({ length: n }, (_, index) =>
    index + 1 < n ? matrix[(index + 1) * n + index]! : 0,
  );
  return { diagonal, below, basis };
}

/** The Householder vector that clears `column` below its first subdiagonal; returns 2 / |v|^2, or 0 if nothing is to clear. */
function reflectorOf(matrix: Float64Array, n: number, column: number, reflector: Float64Array): number {
  let norm = 0;
  for (let row = column + 1; row < n; row++) {
    const value = matrix[row * n + column]!;
    reflector[row] = value;
    norm += value * value;
  }
  const first = reflector[column + 1]!;
  const tail = norm - first * first;
  if (tail <= 0) return 0;
  const head = first > 0 ? first + Math.sqrt(norm) : first - Math.sqrt(norm);
  reflector[column + 1] = head;
  return 2 / (tail + head * head);
}

/** matrix <- H matrix H by the symmetric rank-two update, including the column that is being cleared. */
function reflectBothSides(
  matrix: Float64Array,
  n: number,
  start: number,
  reflector: Float64Array,
  scale: number,
  product: Float64Array,
): void {
  const first = start - 1;
  reflector[first] = 0;
  let dot = 0;
  for (let row = first; row < n; row++) {
    let sum = 0;
    for (let k = start; k < n; k++) sum += matrix[row * n + k]! * reflector[k]!;
    product[row] = scale * sum;
    dot += product[row]! * reflector[row]!;
  }
  for (let row = first; row < n; row++) product[row]! -= 0.5 * scale * dot * reflector[row]!;
  for (let row = first; row < n; row++) {
    for (let k = first; k < n; k++) {
      matrix[row * n + k]! -= reflector[row]! * product[k]! + product[row]! * reflector[k]!;
    }
  }
}

/** basis <- H basis. */
function reflectRows(
  basis: Float64Array,
  n: number,
  start: number,
  reflector: Float64Array,
  scale: number,
  sums: Float64Array,
): void {
  sums.fill(0);
  for (let row = start; row < n; row++) {
    const factor = reflector[row]!;
    for (let k = 0; k < n; k++) sums[k]! += factor * basis[row * n + k]!;
  }
  for (let row = start; row < n; row++) {
    const factor = scale * reflector[row]!;
    for (let k = 0; k < n; k++) basis[row * n + k]! -= factor * sums[k]!;
  }
}

/** Diagonalises the tridiagonal matrix in place, turning the rows of `basis` along. */
function diagonalize(diagonal: Float64Array, below: Float64Array, basis: Float64Array, n: number): void {
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first;
      while (last < n - 1 && !negligible(below[last]!, diagonal[last]!, diagonal[last + 1]!)) last++;
      if (last === first) break;
      if (sweep === MAX_SWEEPS)
        throw new Error("The eigenvalues did not converge; is there a NaN in the matrix?");
      sweepBack(diagonal, below, basis, n, first, last);
    }
  }
}

function negligible(coupling: number, left: number, right: number): boolean {
  const scale = Math.abs(left) + Math.abs(right);
  return Math.abs(coupling) <= Number.EPSILON * scale || scale + Math.abs(coupling) === 0;
}

/** One implicitly shifted QL sweep from `last` up to `first`. */
function sweepBack(
  diagonal: Float64Array,
  below: Float64Array,
  basis: Float64Array,
  n: number,
  first: number,
  last: number,
): void {
  const gap = (diagonal[first + 1]! - diagonal[first]!) / (2 * below[first]!);
  const root = Math.hypot(gap, 1);
  let chased = diagonal[last]! - diagonal[first]! + below[first]! / (gap + (gap >= 0 ? root : -root));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let index = last - 1; index >= first; index--) {
    const bulge = sine * below[index]!;
    const coupling = cosine * below[index]!;
    const radius = Math.hypot(bulge, chased);
    below[index + 1] = radius;
    if (radius === 0) {
      diagonal[index + 1]! -= shift;
      below[last] = 0;
      return;
    }
    sine = bulge / radius;
    cosine = chased / radius;
    const next = diagonal[index + 1]! - shift;
    const mixed = (diagonal[index]! - next) * sine + 2 * cosine * coupling;
    shift = sine * mixed;
    diagonal[index + 1] = next + shift;
    chased = cosine * mixed - coupling;
    rotateRows(basis, n, index, cosine, sine);
  }
  diagonal[first]! -= shift;
  below[first] = chased;
  below[last] = 0;
}

function rotateRows(basis: Float64Array, n: number, row: number, cosine: number, sine: number): void {
  const upper = row * n;
  const lower = upper + n;
  for (let k = 0; k < n; k++) {
    const low = basis[lower + k]!;
    const high = basis[upper + k]!;
    basis[lower + k] = sine * high + cosine * low;
    basis[upper + k] = cosine * high - sine * low;
  }
}
