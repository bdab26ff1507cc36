import type { Floats, NetworkKernels } from "../../kernels/kernels.ts";
import type { Random } from "../../random.ts";
import type { FactorScores } from "../../scores.ts";

/**
 * A network between two layers as wide as the catalogue, which all such networks share: a user's inputs times the
 * first layer give `sums`, the middle makes an embedding of them, and the logit of an item is the inner product of
 * (embedding, 1) with its row of the last layer. Biases are rows or columns of the layers: their input is always 1.
 */
export interface Architecture {
  readonly activation: NonNullable<FactorScores["activation"]>;
  /** Numbers a row of the first layer. */
  readonly width: number;
  /** Numbers an embedding. */
  readonly depth: number;
  /** Whether a user has an input of its own, always 1, beside those of the items. */
  readonly userInputs: boolean;
  /** Whether a user's inputs are scaled to length 1. */
  readonly normalized: boolean;
  /** Rows and columns (with the bias) of the dense layers of the middle. */
  readonly layers: readonly { readonly rows: number; readonly columns: number }[];
  /** The middle for some users, a row each; with `training` as it is in training. */
  forward(kernels: NetworkKernels, sums: Floats, layers: readonly Floats[], training?: Training): Forward;
}

export interface Training {
  readonly random: Random;
  /** What the Kullback-Leibler divergence counts in the loss, for networks with one. */
  readonly klWeight: number;
}

export interface Forward {
  /** users x depth. */
  readonly embedding: Floats;
  /** From the gradient of the loss by the embedding to those by the sums and the layers, summed over the users. */
  backward(gradient: Floats): { readonly sums: Floats; readonly layers: readonly Floats[] };
}

/** The rows with a 1 behind each, for a layer with a bias. */
export function withOnes(rows: Floats, width: number): Floats {
  const wider = sameKind(rows, (rows.length / width) * (width + 1)).fill(1);
  for (let from = 0, to = 0; from < rows.length; from += width, to += width + 1) {
    wider.set(rows.subarray(from, from + width), to);
  }
  return wider;
}

/** The rows without their last number. */
export function withoutLast(rows: Floats, width: number): Floats {
  const narrower = sameKind(rows, (rows.length / width) * (width - 1));
  for (let from = 0, to = 0; from < rows.length; from += width, to += width - 1) {
    narrower.set(rows.subarray(from, from + width - 1), to);
  }
  return narrower;
}

/** Zeros of the same precision. */
export function sameKind(array: Floats, length: number): Floats {
  return array instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

/** tanh(rows layer^T), where the layer's last column is the bias, or the same without tanh. */
export function denseLayer(
  kernels: NetworkKernels,
  rows: Floats,
  layer: Floats,
  width: number,
): { readonly out: Floats; backward(gradient: Floats): { rows: Floats; layer: Floats } } {
  const inputs = withOnes(rows, width);
  const columns = layer.length / (width + 1);
  const out = sameKind(rows, (rows.length / width) * columns);
  kernels.timesTransposed(inputs, layer, width + 1, out);
  return {
    out,
    backward(gradient) {
      const byInputs = sameKind(inputs, inputs.length);
      kernels.times(gradient, layer, columns, byInputs);
      const byLayer = sameKind(layer, layer.length);
      kernels.transposedTimes(gradient, inputs, rows.length / width, byLayer);
      return { rows: withoutLast(byInputs, width + 1), layer: byLayer };
    },
  };
}
