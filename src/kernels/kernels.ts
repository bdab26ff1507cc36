import type { CostMatrix, Scores } from "../scores.ts";

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
  /**
   * Sums over the kernel exp(-cost / gamma) for Sinkhorn's iterations. A cost matrix's is stored in float32, that of
   * scores (cost = -score) is made anew, some rows at a time.
   * @throws ProRecError TOO_LARGE if there is no memory for it
   */
  sinkhorn(cost: CostMatrix | Scores): SinkhornKernel;
  /** The least and the largest of some numbers; undefined where one is not finite. */
  range(values: Float32Array | Float64Array): { low: number; high: number } | undefined;
  /** Searches costs less the users' and then the items' potentials. @throws ProRecError TOO_LARGE if there is no memory for them */
  pricing(cost: CostMatrix, potentials: Float64Array): Pricing;
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
  /** Products of float64 rows of `depth` numbers with up to `most` others; the same bits from every engine. */
  rowProducts(depth: number, most: number): RowProducts;
  /** A dense row-major matrix of `width` columns to multiply with sparse rows from the left. */
  sparseRightFactor(matrix: Float32Array, width: number): SparseRightFactor;
  /**
   * Implicit least squares, one side's rows at a time.
   * @throws ProRecError TOO_LARGE if there is no memory for the longest row
   */
  leastSquares(shape: LeastSquaresShape): LeastSquares;
  readonly networks: NetworkKernels;
}

/** Numbers of one precision: float32 for the WebAssembly engines, either for the reference. */
export type Floats = Float32Array | Float64Array;

/** What the training of a network computes densely. Matrices are row-major; results overwrite what was there. */
export interface NetworkKernels {
  /** product (rows x columns) = left (rows x depth) right^T (columns x depth). */
  timesTransposed(left: Floats, right: Floats, depth: number, product: Floats): void;
  /** product (rows x columns) = left (rows x depth) right (depth x columns). */
  times(left: Floats, right: Floats, depth: number, product: Floats): void;
  /** product (rows x columns) = left^T (depth x rows) right (depth x columns). */
  transposedTimes(left: Floats, right: Floats, depth: number, product: Floats): void;
  /** Each value becomes 1 / (1 + e^-value). */
  sigmoid(values: Floats): void;
  /** log sum exp(value) of each row; NaN where a value is none. */
  logSumExp(rows: Floats, width: number): Float64Array;
  /** Each value becomes e^(value - its row's shift). */
  exponentials(rows: Floats, width: number, shifts: Float64Array): void;
  /** A step of Adam (Kingma & Ba 2015) on some parameters, in place. */
  adam(state: AdamState, gradient: Floats, step: AdamStep): void;
}

/** Parameters and the moving averages of their gradients and of those squared. */
export interface AdamState {
  readonly values: Floats;
  readonly first: Floats;
  readonly second: Floats;
}

/** The gradient is scale * gradient + decay * value. */
export interface AdamStep {
  /** Steps so far, from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly scale: number;
  readonly decay: number;
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

/** Fills in the weights of users from..from + count - 1, whose sums of K_ij weights_j are the first of `sums`. */
export type Weigh = (from: number, count: number, sums: Float64Array, userWeights: Float64Array) => void;

/** K_ij = 2^(-cost_ij / (gamma log 2) + offsets[j] - peaks[i]), float32 values whose sums are float64. */
export interface SinkhornKernel {
  /**
   * Chooses the kernel. `offsets` are float32 numbers, -Infinity leaves an item out. `peaks`, the largest exponent of each
   * row, so that the row's largest number is 1, is filled in where it is NaN when the row is first passed.
   */
  set(gamma: number, offsets: Float64Array, peaks: Float64Array): void;
  /** Passes users start..end-1, some at a time and in order: adds K_ij times what `weigh` gives to the columns. */
  pass(start: number, end: number, weights: Float64Array, weigh: Weigh): void;
  /** The columns since the last call. */
  takeColumns(): Float64Array<ArrayBuffer>;
  /** sums[i - start] = sum of K_ij weights_j cost_ij for users start..end-1. */
  paid(start: number, end: number, weights: Float64Array, sums: Float64Array): void;
  /** Row `user` of K into `out` (items numbers). */
  row(user: number, out: Float32Array): void;
}

/** The network simplex's search for pairs that lower the cost: among costs less potentials, rounded to float32. */
export interface Pricing {
  /** A number a user, then a number an item, then room; to be written to. */
  readonly heights: Float32Array;
  /** The item of the user's least reduced cost - heights[users + item] in float32, the first of equals; -1 unless that is below `bar`. */
  leastBelow(user: number, bar: number): number;
  /** All the user's items below `bar`. */
  allBelow(user: number, bar: number): Uint32Array;
  /** The user's items of least reduced cost, least first, at most `most` (up to 64). */
  nearest(user: number, most: number): Uint32Array;
  /** The user of each item's least reduced cost, the first of equals. */
  nearestUsers(): Uint32Array;
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

export interface RowProducts {
  /** Takes the rows on the right. */
  load(right: Float64Array): void;
  /** The inner product of each row of `left` with each of the first `columns` rows on the right, row-major. */
  multiply(left: Float64Array, columns: number, product: Float64Array): void;
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
