import type { Engine } from "../kernels/kernels.ts";
import type { RunOptions } from "../progress.ts";
import { costRange, type TransportCost } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import { Plan } from "./plan.ts";
import type { Solved } from "./result.ts";
import { annealing, scaling } from "./scaling.ts";
import { planTotals } from "./totals.ts";

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
  options: RunOptions & { readonly engine?: Engine | "auto" | undefined },
): Promise<Solved> {
  const { gamma, marginalPenalty: rho, tolerance, iterations: most } = settings;
  const { low, high } = await costRange(cost, options);
  const scaled = await scaling(cost, marginals, {
    ...options,
    gammas: annealing(high - low, gamma),
    tolerance,
    looseTolerance: 0.01,
    most,
    hold: rho === Infinity ? 1 : rho / (rho + gamma),
  });
  const { kernel, users, items, potentials, iterations, converged } = scaled;
  const held = new Float32Array(items.length);
  const plan = new Plan({ users: users.length, items: items.length }, (user, row) => {
    kernel.row(user, held);
    const weight = users[user]!;
    for (let item = 0; item < row.length; item++) row[item] = held[item]! * weight * items[item]!;
  });
  const totals = await planTotals(cost, marginals, plan, options);
  return { status: converged ? "converged" : "stopped", plan, ...totals, potentials, iterations };
}
