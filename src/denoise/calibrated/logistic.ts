import { cholesky, choleskySolve } from "../../linalg/cholesky.ts";

/** Rows of features (`width` numbers each), whether each is of the class looked for, and how much each counts. */
export interface LabelledRows {
  readonly features: Float64Array;
  readonly width: number;
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
}

const STEPS = 25;
const TOLERANCE = 1e-8;

/**
 * Coefficients b (`width` numbers, the first feature being the constant 1) that minimise the weighted logistic loss
 * plus ridge / 2 |b|^2, the constant's own not penalised. Newton's method, each step halved until the loss falls.
 */
export function fitLogistic(rows: LabelledRows, ridge: number): Float64Array {
  const { width } = rows;
  let coefficients = new Float64Array(width);
  let { loss, gradient, hessian } = derivatives(rows, coefficients, ridge);
  for (let step = 0; step < STEPS; step++) {
    const direction = choleskySolve(cholesky(hessian, width), width, gradient);
    let scale = 1;
    let next = moved(coefficients, direction, scale);
    let there = derivatives(rows, next, ridge);
    while (!(there.loss <= loss) && scale > 1e-4) {
      scale /= 2;
      next = moved(coefficients, direction, scale);
      there = derivatives(rows, next, ridge);
    }
    const gain = loss - there.loss;
    coefficients = next;
    ({ loss, gradient, hessian } = there);
    if (gain <= TOLERANCE * Math.abs(loss)) break;
  }
  return coefficients;
}

function moved(from: Float64Array, direction: Float64Array, scale: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(from, (value, k) => value - scale * direction[k]!);
}

function derivatives(
  { features, width, labels, weights }: LabelledRows,
  coefficients: Float64Array,
  ridge: number,
) {
  const gradient = new Float64Array(width);
  const hessian = new Float64Array(width * width);
  let loss = 0;
  for (let row = 0, at = 0; row < labels.length; row++, at += width) {
    let logit = 0;
    for (let k = 0; k < width; k++) logit += features[at + k]! * coefficients[k]!;
    const weight = weights[row]!;
    loss += weight * (Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - labels[row]! * logit);
    const chance = 1 / (1 + Math.exp(-logit));
    const slope = weight * (chance - labels[row]!);
    const curvature = weight * chance * (1 - chance);
    for (let i = 0; i < width; i++) {
      const feature = features[at + i]!;
      gradient[i]! += slope * feature;
      const scaled = curvature * feature;
      for (let j = 0; j <= i; j++) hessian[i * width + j]! += scaled * features[at + j]!;
    }
  }
  for (let k = 0; k < width; k++) {
    const penalty = k === 0 ? 1e-9 : ridge;
    loss += (penalty / 2) * coefficients[k]! ** 2;
    gradient[k]! += penalty * coefficients[k]!;
    hessian[k * width + k]! += penalty;
  }
  return { loss, gradient, hessian };
}
