import type { Kernels, QuadraticForms } from "../../kernels/kernels.ts";

/**
 * The users in order of descending length, cut at some starts: from each start on to the last user, what there is to
 * know of them as a whole. `rank` numbers a user; lengths are in the gauge. All in float64.
 */
export interface FarField {
  readonly rank: number;
  readonly users: number;
  /** Ascending, the first is 0. */
  readonly starts: Uint32Array;
  /** Length of the longest user from each start on. */
  readonly longest: Float64Array;
  /** Sum of u, a row a start. */
  readonly sums: Float64Array;
  /** Sum of u u^T, a matrix a start. */
  readonly squares: Float64Array;
}

/** What the far users add to an item's sum of exp(x), give or take `error`. */
export interface FarSum {
  readonly estimate: number;
  readonly error: number;
}

/** Beyond this |x| no bound is of use. */
const MOST = 39;
/** Shares by which lengths, and sums over millions of users, may be off for rounding. */
const LENGTH_ROUNDING = 1e-6;
const SUM_ROUNDING = 1e-12;

/** Sums over the far users for one item after another. */
export interface FarSums {
  /** The first start whose users are all near enough to 0; starts.length if there is none. */
  first(length: number): number;
  /**
   * The sum from start number `start` on. With b a bound of |x|: exp(x) = 1 + x + h(x) x^2, h rises with x, so h lies
   * within half = (sinh b - b) / b^2 of middle = (cosh b - 1) / b^2, and the sums of x and of x^2 are known.
   */
  at(start: number, item: Float32Array, length: number): FarSum;
  /** A number that the item's sum over all users is not below. */
  least(item: Float32Array, length: number): number;
}

/** @param gamma x = score / gamma */
export function openFarSums(kernels: Kernels, field: FarField, gamma: number): FarSums {
  const { rank, users, starts, longest, sums } = field;
  const forms: QuadraticForms = kernels.quadraticForms(field.squares, rank);
  const traces = Float64Array.from(starts, (_, start) => traceOf(field.squares, start, rank));
  const energy = new Float64Array(1);

  /** Sum of x and of x^2, each with how far it may be off. */
  function moments(start: number, item: Float32Array) {
    let first = 0;
    let size = 0;
    for (let k = 0; k < rank; k++) {
      const value = item[k]!;
      first += value * sums[start * rank + k]!;
      size += value * value;
    }
    forms.evaluate(start, item, energy);
    const most = (traces[start]! * size) / gamma ** 2;
    return {
      first: first / gamma,
      second: Math.max(energy[0]! / gamma ** 2, 0),
      firstError: SUM_ROUNDING * Math.sqrt((users - starts[start]!) * most),
      secondError: SUM_ROUNDING * most,
    };
  }

  function boundOf(start: number, length: number): number {
    return ((longest[start]! * length) / gamma) * (1 + LENGTH_ROUNDING);
  }

  return {
    first(length) {
      let start = 0;
      while (start < starts.length && boundOf(start, length) > MOST) start++;
      return start;
    },
    at(start, item, length) {
      const count = users - starts[start]!;
      const { first, second, firstError, secondError } = moments(start, item);
      const bound = boundOf(start, length);
      const middle = middleOf(bound);
      const half = halfOf(bound);
      const rounding = SUM_ROUNDING * count + firstError + (middle + half) * secondError;
      return { estimate: count + first + middle * second, error: half * second + rounding };
    },
    least(item, length) {
      const { first, second, firstError, secondError } = moments(0, item);
      const low = first - firstError;
      const convex = users * Math.exp(low / users);
      const quadratic = users + low + leastOf(boundOf(0, length)) * (second - secondError);
      return Math.max(convex, quadratic) * (1 - LENGTH_ROUNDING);
    },
  };
}

/** (cosh b - 1) / b^2. */
function middleOf(b: number): number {
  return b === 0 ? 0.5 : 2 * (Math.sinh(b / 2) / b) ** 2;
}

/** (sinh b - b) / b^2. */
function halfOf(b: number): number {
  if (b > 0.5) return (Math.sinh(b) - b) / b ** 2;
  const square = b * b;
  return (b / 6) * (1 + (square / 20) * (1 + (square / 42) * (1 + (square / 72) * (1 + square / 110))));
}

/** h(-b) = (exp(-b) - 1 + b) / b^2. */
function leastOf(b: number): number {
  return b > 0.01 ? (Math.expm1(-b) + b) / b ** 2 : 0.5 - b / 6;
}

function traceOf(squares: Float64Array, start: number, rank: number): number {
  let sum = 0;
  for (let k = 0; k < rank; k++) sum += squares[(start * rank + k) * rank + k]!;
  return sum;
}
