/** How much each interaction counts in the loss: always its weight, or less where the network doubts it. */
export interface LossOptions {
  /** "ce": the cross-entropy; "t-ce" and "r-ce": the denoising ones of Wang, Feng, He, Nie & Chua (2021). */
  readonly loss: LossName;
  /** T-CE: the share of a batch's interactions that is left out at last. */
  readonly dropRate: number;
  /** T-CE: mini-batches until the share has grown from 0 to `dropRate`, in a straight line. */
  readonly dropSchedule: number;
  /** R-CE: an interaction counts its predicted probability to this power. */
  readonly exponent: number;
}

export const LOSSES = ["ce", "t-ce", "r-ce"] as const;
export type LossName = (typeof LOSSES)[number];

/**
 * What the loss -log(probability) of each interaction of a batch is multiplied by, a constant for the gradient.
 * T-CE leaves out the interactions of the largest losses, by a share of the batch that grows with the steps made; R-CE
 * multiplies by probability^exponent. Items without an interaction count as before. Probabilities that sum to 1 over the items are
 * small: their powers are scaled to the mean of the weights, or a divergence beside the likelihood would outweigh it.
 */
export function lossWeights(
  { loss, dropRate, dropSchedule, exponent }: LossOptions,
  weights: Float32Array,
  { probabilities, sumToOne }: { readonly probabilities: Float64Array; readonly sumToOne: boolean },
  steps: number,
): Float64Array {
  const counted = Float64Array.from(weights);
  if (loss === "t-ce") {
    const share = dropRate * Math.min(1, steps / dropSchedule);
    const order = Uint32Array.from(weights.keys()).sort(
      (left, right) => probabilities[left]! - probabilities[right]! || left - right,
    );
    for (const entry of order.subarray(0, Math.floor(share * order.length))) counted[entry] = 0;
  }
  if (loss === "r-ce") {
    for (const [entry, probability] of probabilities.entries()) counted[entry]! *= probability ** exponent;
    if (sumToOne) {
      const scale = total(weights) / (total(counted) || 1);
      for (const entry of counted.keys()) counted[entry]! *= scale;
    }
  }
  return counted;
}

function total(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
