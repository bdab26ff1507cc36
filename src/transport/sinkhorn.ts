import type { Engine } from "../kernels/kernels.ts";
import type { RunOptions } from "../progress.ts";
import { costRange, eachBlock, type TransportCost } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import { Plan } from "./plan.ts";
import type { Solved } from "./result.ts";
import { annealing, type Scaling, scaling } from "./scaling.ts";

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
  const status = converged ? "converged" : "stopped";
  return { status, plan, ...(await totalsOf(cost, marginals, scaled, options)), potentials, iterations };
}

/** What `planTotals` gives, at the kernel's speed. */
async function totalsOf(cost: TransportCost, marginals: Marginals, scaled: Scaling, options: RunOptions) {
  const { kernel, users, items } = scaled;
  const held = new Float32Array(items.length);
  const total = { cost: 0, mass: 0, marginalError: 0 };
  await eachBlock(cost, options, (costs, start, end) => {
    for (let user = start; user < end; user++) {
      kernel.row(user, held);
      const first = (user - start) * items.length;
      let paid = 0;
      for (let item = 0; item < held.length; item++)
        paid += held[item]! * items[item]! * costs[first + item]!;
      total.cost += paid * users[user]!;
    }
    kernel.pass(start, end, items, (user, sum) => {
      total.mass += sum * users[user]!;
      total.marginalError += Math.abs(sum * users[user]! - marginals.users[user]!);
      return users[user]!;
    });
  });
  kernel.takeColumns().forEach((sum, item) => {
    total.marginalError += Math.abs(sum * items[item]! - marginals.items[item]!);
  });
  return total;
}
