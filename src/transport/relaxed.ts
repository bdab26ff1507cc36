/** Which marginals the closed form meets: the items' (Eq. 5/17), the users' (Eq. 6/16), or the larger of both plans (Eq. 7). */
export type Side = "relaxed" | "item-side" | "user-side";

/** A row of the plan as `values` (largest 1) times exp(logScale), so that no row over- or underflows. */
export interface PlanRow {
  readonly values: Float32Array;
  readonly logScale: number;
  /** Sum of `values`. */
  readonly total: number;
  /** Sum of `values` times (log of the plan's dual factor - 1): gamma times it is the row's <M, pi> + gamma H(pi). */
  readonly cost: number;
}

/**
 * One user's row of the relaxed plan: pi_j = exp(x_j + max(la_j, lb)) with x = score / gamma,
 * la_j = log p_j - log sum_i exp(x_ij) and lb = log q - log sum_j exp(x_j) (Eq. 7/18/19 in log space).
 * @param scores the user's N scores; `values` receives the row
 * @param itemSide la, N numbers; -Infinity for an item of mass 0
 * @param mass q, the user's mass
 */
export function planRow(
  scores: Float32Array,
  gamma: number,
  itemSide: Float64Array,
  mass: number,
  side: Side,
  values: Float32Array,
): PlanRow {
  const userSide = side === "item-side" ? -Infinity : Math.log(mass) - logSumExp(scores, gamma);
  const useItems = side !== "user-side";
  let logScale = -Infinity;
  for (let item = 0; item < scores.length; item++) {
    const factor = useItems ? Math.max(itemSide[item]!, userSide) : userSide;
    logScale = Math.max(logScale, scores[item]! / gamma + factor);
  }
  if (logScale === -Infinity) {
    values.fill(0);
    return { values, logScale, total: 0, cost: 0 };
  }
  let total = 0;
  let cost = 0;
  for (let item = 0; item < scores.length; item++) {
    const factor = useItems ? Math.max(itemSide[item]!, userSide) : userSide;
    const value = Math.exp(scores[item]! / gamma + factor - logScale);
    values[item] = value;
    total += value;
    if (value > 0) cost += value * (factor - 1);
  }
  return { values, logScale, total, cost };
}

function logSumExp(scores: Float32Array, gamma: number): number {
  let largest = -Infinity;
  for (const score of scores) if (score > largest) largest = score;
  let sum = 0;
  for (const score of scores) sum += Math.exp((score - largest) / gamma);
  return largest / gamma + Math.log(sum);
}
