/** What stands in the loops over items between two sweeps. */
export interface ItemSide {
  /** p. */
  readonly shares: Float64Array;
  /** How hard marginals are held, rho / (rho + gamma). */
  readonly hold: number;
  /** Binary logarithms of what the kernel has taken in. */
  readonly offsets: Float64Array;
  readonly weights: Float64Array;
}

/** Column sums below this may have lost much. */
const LOST = 1e-30;

/** Sets the weights from their binary logarithms; 0 without a share. */
export function weigh({ shares, weights }: ItemSide, logs: Float64Array): void {
  for (let item = 0; item < shares.length; item++) {
    weights[item] = shares[item]! > 0 ? Math.exp(Math.LN2 * logs[item]!) : 0;
  }
}

/** How far the logarithms of the weights are from where their columns want them; 0 where those are lost. */
export function stepsOf(side: ItemSide, columns: Float64Array, logs: Float64Array): Float64Array {
  const { shares, hold, offsets } = side;
  const steps = new Float64Array(shares.length);
  for (let item = 0; item < shares.length; item++) {
    const share = shares[item]!;
    const sum = columns[item]!;
    if (!(share > 0 && sum > LOST)) continue;
    steps[item] =
      hold === 1
        ? Math.log2(share / sum) - logs[item]!
        : Math.log2(share) - hold * Math.log2(sum) - (1 - hold) * offsets[item]! - logs[item]!;
  }
  return steps;
}

/** Mass that the weights put in the wrong place. */
export function distanceOf(side: ItemSide, columns: Float64Array, steps: Float64Array): number {
  const { shares, hold, weights } = side;
  let distance = 0;
  for (let item = 0; item < shares.length; item++) {
    const sum = columns[item]! * weights[item]!;
    distance += Math.abs((hold === 1 ? shares[item]! : sum * Math.exp(Math.LN2 * steps[item]!)) - sum);
  }
  return distance;
}

/** Items whose column sums are nothing in float32. */
export function lostItems({ shares }: ItemSide, columns: Float64Array): number[] {
  const lost: number[] = [];
  for (let item = 0; item < shares.length; item++) {
    if (shares[item]! > 0 && !(columns[item]! > LOST)) lost.push(item);
  }
  return lost;
}

export function add(sum: Float64Array, values: Float64Array): void {
  for (let at = 0; at < sum.length; at++) sum[at]! += values[at]!;
}

export function farthest(values: Float64Array): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at]!));
  return most;
}
