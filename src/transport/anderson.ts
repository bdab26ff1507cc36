/** Proposes where a fixed-point iteration goes next. */
export interface Acceleration {
  /** From the point `x` whose plain step is `step`: the next point. */
  next(x: Float64Array, step: Float64Array): Float64Array;
  /** Forgets the steps so far. */
  restart(): void;
}

/** Share of the diagonal that keeps the small system solvable. */
const RIDGE = 1e-10;

/**
 * Anderson's acceleration (1965; Walker & Ni 2011) with the last `depth` differences: the combination of the last points
 * whose steps cancel best, in the norm that `weights` give, and then its step.
 */
export function anderson(weights: Float64Array, depth: number): Acceleration {
  const size = weights.length;
  const moves = Array.from({ length: depth }, () => new Float64Array(size));
  const changes = Array.from({ length: depth }, () => new Float64Array(size));
  const products = Array.from({ length: depth }, () => new Float64Array(depth));
  const lastPoint = new Float64Array(size);
  const lastStep = new Float64Array(size);
  /** Steps since the last restart. */
  let steps = 0;

  function remember(x: Float64Array, step: Float64Array): void {
    const place = (steps - 1) % depth;
    const move = moves[place]!;
    const change = changes[place]!;
    subtract(x, lastPoint, move);
    subtract(step, lastStep, change);
    for (let other = 0; other < Math.min(steps, depth); other++) {
      const value = weighedProduct(weights, change, changes[other]!);
      products[place]![other] = value;
      products[other]![place] = value;
    }
  }

  return {
    next(x, step) {
      if (steps > 0) remember(x, step);
      const count = Math.min(steps, depth);
      lastPoint.set(x);
      lastStep.set(step);
      steps++;
      const next = x.slice();
      addTimes(1, step, next);
      const sides = changes.slice(0, count).map((change) => weighedProduct(weights, change, step));
      for (const [place, share] of solved(products, sides).entries()) {
        addTimes(-share, moves[place]!, next);
        addTimes(-share, changes[place]!, next);
      }
      return next;
    },
    restart() {
      steps = 0;
    },
  };
}

function subtract(left: Float64Array, right: Float64Array, difference: Float64Array): void {
  for (let at = 0; at < left.length; at++) difference[at] = left[at]! - right[at]!;
}

function addTimes(factor: number, values: Float64Array, sum: Float64Array): void {
  for (let at = 0; at < sum.length; at++) sum[at]! += factor * values[at]!;
}

function weighedProduct(weights: Float64Array, left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at++) sum += weights[at]! * left[at]! * right[at]!;
  return sum;
}

/** Solves matrix x = sides by Cholesky, unit diagonal and a small ridge; x is 0 where the matrix has nothing. */
function solved(matrix: Float64Array[], sides: number[]): number[] {
  const scales = sides.map((_, at) => 1 / Math.sqrt(Math.max(matrix[at]![at]!, Number.MIN_VALUE)));
  const lower = sides.map(() => new Float64Array(sides.length));
  const x = sides.map((side, at) => side * scales[at]!);
  for (let row = 0; row < sides.length; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row]![column]! * scales[row]! * scales[column]! + (row === column ? RIDGE : 0);
      for (let k = 0; k < column; k++) sum -= lower[row]![k]! * lower[column]![k]!;
      lower[row]![column] = row === column ? Math.sqrt(Math.max(sum, RIDGE)) : sum / lower[column]![column]!;
    }
    for (let k = 0; k < row; k++) x[row]! -= lower[row]![k]! * x[k]!;
    x[row]! /= lower[row]![row]!;
  }
  for (let row = sides.length - 1; row >= 0; row--) {
    for (let below = row + 1; below < sides.length; below++) x[row]! -= lower[below]![row]! * x[below]!;
    x[row]! /= lower[row]![row]!;
  }
  return x.map((value, at) => value * scales[at]!);
}
