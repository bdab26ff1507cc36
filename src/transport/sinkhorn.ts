import type { RunOptions } from "../progress.ts";
import { roughRange, type TransportCost } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import { Plan } from "./plan.ts";
import type { Solved } from "./result.ts";
import { annealing, type ScalingOptions, scaling } from "./scaling.ts";

export interface SinkhornSettings {
  readonly gamma: number;
  /** rho: what a unit of divergence from the marginals costs; Infinity holds them. */
  readonly marginalPenalty: number;
  /** L1 marginal error (without held marginals: distance from a fixed point) to stop at. */
  readonly tolerance: number;
  /** Most sweeps over all pairs at a temperature. */
  readonly iterations: number;
}

/**
 * The entropic plan, Eq. 4 (Cuturi 2013); with a finite penalty the unbalanced one: <M, pi> + gamma KL(pi | q p^T) +
 * rho KL(row sums | q) + rho KL(column sums | p) is least (Chizat et al. 2018).
 */
export async function solveSinkhorn(
  cost: TransportCost,
  marginals: Marginals,
  settings: SinkhornSettings,
  options: RunOptions & Pick<ScalingOptions, "engine" | "threads">,
): Promise<Solved> {
  const { gamma, marginalPenalty: rho, tolerance, iterations: most } = settings;
  const { low, high } = await roughRange(cost, options);
  const scaled = await scaling(cost, marginals, {
    ...options,
    gammas: annealing(high - low, gamma),
    tolerance,
    looseTolerance: 0.01,
    most,
    hold: rho === Infinity ? 1 : rho / (rho + gamma),
  });
  const { kernel, users, items, converged, ...figures } = scaled;
  const held = new Float32Array(items.length);
  const plan = new Plan({ users: users.length, items: items.length }, (user, row) => {
    kernel.row(user, held);
    const weight = users[user]!;
    for (let item = 0; item < row.length; item++) row[item] = held[item]! * weight * items[item]!;
  });
  return { status: converged ? "converged" : "stopped", plan, ...figures };
}
