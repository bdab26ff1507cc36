import { randomFor } from "../../random.ts";
import { fitLogistic } from "./logistic.ts";
import { expandQuadratic, quadraticWidth } from "./quadratic.ts";

const RIDGE = 10;
/** Rows that a fit looks at, at most; more change no coefficient that matters. */
const MOST = 200_000;

/**
 * How much each row looks like a decoy: the logit of a quadratic ridge regression of decoy against observed, fitted on
 * the rows of the other half. `labels`: 1 for a decoy, 0 for observed; rows of weight 0 take no part in the fit.
 */
export function decoySuspicion(
  features: readonly Float32Array[],
  labels: Uint8Array,
  weights: Float32Array,
  seed: number,
): Float32Array {
  const random = randomFor(seed, "folds");
  const folds = labels.map(() => random.below(2));
  const suspicion = new Float32Array(labels.length);
  const width = quadraticWidth(features.length);
  const expanded = new Float64Array(width);
  for (const fold of [0, 1]) {
    const coefficients = fitLogistic(trainingRows(features, labels, weights, folds, 1 - fold), RIDGE);
    for (let row = 0; row < labels.length; row++) {
      if (folds[row] !== fold) continue;
      expandQuadratic(features, row, expanded, 0);
      let logit = 0;
      for (let k = 0; k < width; k++) logit += expanded[k]! * coefficients[k]!;
      suspicion[row] = logit;
    }
  }
  return suspicion;
}

function trainingRows(
  features: readonly Float32Array[],
  labels: Uint8Array,
  weights: Float32Array,
  folds: Uint8Array,
  fold: number,
) {
  const width = quadraticWidth(features.length);
  let size = 0;
  for (let row = 0; row < labels.length; row++) if (folds[row] === fold && weights[row]! > 0) size++;
  const step = Math.ceil(size / MOST);
  const count = Math.ceil(size / step);
  const rows = {
    features: new Float64Array(count * width),
    width,
    labels: new Uint8Array(count),
    weights: new Float64Array(count),
  };
  let seen = 0;
  for (let row = 0; row < labels.length; row++) {
    if (folds[row] !== fold || !(weights[row]! > 0) || seen++ % step !== 0) continue;
    const at = (seen - 1) / step;
    expandQuadratic(features, row, rows.features, at * width);
    rows.labels[at] = labels[row]!;
    rows.weights[at] = weights[row]!;
  }
  return rows;
}
