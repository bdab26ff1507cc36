import type { Scores } from "../scores.ts";

/** What computes: WebAssembly with fused multiply-add, WebAssembly that gives the same bits everywhere, or plain TypeScript. */
export type Engine = "relaxed-simd" | "simd128" | "reference";

/**
 * The numeric kernels. All are synchronous and pure: arrays in, arrays out. One engine gives the same bits for a
 * user, whichever users share its block.
 */
export interface Kernels {
  readonly engine: Engine;
  /**
   * The transport step's kernel for these scores; factors of items are packed once and stay loaded.
   * @throws RangeError for shapes that don't fit, and later for a score that is not a finite number;
   * ProRecError TOO_LARGE if there is no memory for the items.
   */
  transport(scores: Scores, gamma: number): TransportKernel;
  /** The personal split (Eq. 20) of a row of finite values >= 0. */
  splitRow(row: Float32Array): Split;
  /** A dense matrix to multiply with from the left. */
  rightFactor(matrix: Float32Array, shape: RightShape): RightFactor;
  /** matrix^T matrix (width x width, row-major) of a row-major matrix. */
  gram(matrix: Float32Array, width: number): Float64Array<ArrayBuffer>;
  /** Gram products of sparse rows over so many columns; the same bits from every engine. */
  sparseGram(columns: number): SparseGram;
  /** Sums of row^T row over rows of `width` numbers, in float64. */
  squares(width: number): Squares;
  /** Quadratic forms of symmetric matrices (width x width each, one after the other), in float64. */
  quadraticForms(matrices: Float64Array, width: number): QuadraticForms;
  /** A dense row-major matrix of `width` columns to multiply with sparse rows from the left. */
  sparseRightFactor(matrix: Float32Array, width: number): SparseRightFactor;
  /**
   * Implicit least squares, one side's rows at a time.
   * @throws ProRecError TOO_LARGE if there is no memory for the longest row
   */
  leastSquares(shape: LeastSquaresShape): LeastSquares;
}

/** Where a row is split: its `kappa` largest values are kept, `threshold` is the least of them. */
export interface Split {
  readonly kappa: number;
  readonly threshold: number;
}

/** Sum of exp(score / gamma) over users, item by item: sums[item] * 2^exponents[item]. */
export interface ColumnSums {
  /** Whole numbers. */
  readonly exponents: Float64Array;
  readonly sums: Float64Array;
}

/**
 * One relaxed transport step over blocks of users. A block is row-major: a user's factors, or its scores where
 * there are no factors. pi_ij = exp(x_ij + max(la_j, lb_i)) with x = score / gamma, la_j = log p_j - log sum_i
 * exp(x_ij), lb_i = log q_i - log sum_j exp(x_ij) (Eq. 7/18/19 in log space). Any finite x up to 1e33 is right.
 */
export interface TransportKernel {
  /**
   * Adds users to the column sums, in order; with `items` to those of the first so many items only. Sums keep their
   * bits when blocks are cut elsewhere at multiples of 512 users.
   */
  addColumns(block: Float32Array, items?: number): void;
  /** The column sums since the last call, 0 for all items if there were no users. */
  takeColumns(): ColumnSums;
  /**
   * Sets the items' side of the plan: la from column sums and the items' shares p. Without it there is no items'
   * side (Eq. 6/16).
   */
  setItemSide(columns?: ColumnSums, shares?: Float64Array): void;
  /** The rows of the plan itself (users x items, row-major), each over 2 to its exponent, which is 0 unless float32 calls for it. */
  planRows(block: Float32Array, shares: Float64Array | undefined, plan: Float32Array): Float64Array;
  /** What a match needs of each user's row. */
  matchRows(block: UserBlock, out: RowMatches): void;
}

/** Some users and the items each was seen with. */
export interface UserBlock {
  /** Factors or scores, row-major. */
  readonly rows: Float32Array;
  /** q of each user; without it there is no users' side (Eq. 5/17). */
  readonly shares?: Float64Array | undefined;
  /** Users + 1 numbers: user u has the entries offsets[u] - offsets[0] .. offsets[u + 1] - offsets[0] - 1. */
  readonly offsets: Uint32Array;
  /** The item of each entry, ascending for each user, none twice. */
  readonly indices: Uint32Array;
  /** How many items each row keeps; without it the personal split decides (Eq. 20). */
  readonly kept?: number | undefined;
}

/** What `matchRows` fills in: a number an entry, then a number a user. A user without entries keeps 0 in kappa and threshold. */
export interface RowMatches {
  /** rho: the entry's share of the user's row of the plan. */
  readonly match: Float32Array;
  /** 1 + the number of items strictly better in the user's row. */
  readonly rank: Uint32Array;
  readonly kappa: Uint32Array;
  /** theta: rho of the user's kappa-th item. */
  readonly threshold: Float32Array;
  /** Sum of the user's row of the plan. */
  readonly mass: Float64Array;
  /** Sum of pi (max(la, lb) - 1): gamma times it is the row's <M, pi> + gamma H(pi). */
  readonly cost: Float64Array;
  /** Least and largest score / gamma of the row. */
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** `depth` is what is summed over, `columns` the width of the product. */
export interface RightShape {
  readonly depth: number;
  readonly columns: number;
  /** The matrix is given as columns x depth and stands for its transpose. */
  readonly transposed?: boolean;
}

export interface RightFactor {
  /** left (rows x depth) times the matrix, into `product` (rows x columns). Row-major. */
  multiply(left: Float32Array, product: Float32Array): void;
}

export interface SparseRightFactor {
  /**
   * Sparse rows times the matrix, into `product` (rows x width). Row r has the entries offsets[r] - offsets[0] ..
   * offsets[r + 1] - offsets[0] - 1 of `indices` and `values`.
   */
  multiply(offsets: Uint32Array, indices: Uint32Array, values: Float32Array, product: Float32Array): void;
}

export interface LeastSquaresShape {
  /** Numbers a factor. */
  readonly width: number;
  /** Factors that are held at most. */
  readonly rows: number;
  /** Entries of the longest row that is solved. */
  readonly longest: number;
}

/** The side that is held while the other one's rows are solved. */
export interface HeldSide {
  /** Y, row-major. */
  readonly factors: Float32Array;
  /** Y^T Y and the ridge (width x width). */
  readonly normal: Float64Array;
  readonly alpha: number;
}

export interface LeastSquares {
  hold(side: HeldSide): void;
  /**
   * Into each of the rows x = start..end - 1 of `solutions` (row-major) what minimises x^T normal x + sum over the row's
   * entries (y, w) of alpha w <x, y>^2 - 2 (1 + alpha) w <x, y>: exactly, or by so many conjugate gradient steps from
   * where x is. A row without entries becomes 0. Returns these rows' x^T x, summed.
   */
  solve(
    matrix: SparseRows,
    start: number,
    end: number,
    steps: number | "exact",
    solutions: Float32Array,
  ): Float64Array;
}

export interface Squares {
  /** Adds rows, row-major. */
  add(rows: Float32Array): void;
  /** The sum (width x width) since the last call. */
  take(): Float64Array;
}

export interface QuadraticForms {
  /** values[r] = row r times matrix number `index` times row r. */
  evaluate(index: number, rows: Float32Array, values: Float64Array): void;
}

/** Compressed sparse rows: row r has the entries offsets[r]..offsets[r + 1] - 1. */
export interface SparseRows {
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

export interface SparseGram {
  /**
   * matrix^T (matrix factor) for the columns start..start + 15 of `factor` (columns x width, row-major), into the same
   * columns of `product`, which are zeros before. What is between is never stored.
   */
  multiply(
    matrix: SparseRows,
    factor: Float64Array,
    product: Float64Array,
    width: number,
    start: number,
  ): void;
}
