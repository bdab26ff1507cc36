import { ProRecError } from "../errors.ts";
import type { RunOptions } from "../progress.ts";
import type { CostMatrix } from "../scores.ts";
import { costRange } from "./costs.ts";
import { type EmdOptions, solveEmd } from "./emd.ts";
import type { Marginals } from "./marginals.ts";
import { sparsePlan } from "./plan.ts";
import type { Solved } from "./result.ts";
import { planTotals } from "./totals.ts";

/**
 * The cheapest plan of so much mass whose row and column sums are at most the marginals. One more item takes what users
 * keep and one more user gives what items lack, at no cost; between these two nothing may pass (Caffarelli & McCann 2010).
 * @throws ProRecError SHAPE_MISMATCH if the mass is more than the marginals have
 */
export async function solveFixedMass(
  cost: CostMatrix,
  marginals: Marginals,
  mass: number,
  options: EmdOptions & RunOptions,
): Promise<Solved> {
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
  const given = total(marginals.users);
  const wanted = total(marginals.items);
  if (mass > Math.min(given, wanted) * (1 + 1e-12)) {
    throw new ProRecError(
      "SHAPE_MISMATCH",
      `A mass of ${mass} can't be moved: users give ${given} and items take ${wanted}.`,
      { details: { mass, given, wanted }, hint: "Ask for less mass, or raise the marginals." },
    );
  }
  const { rows, columns } = cost;
  const { low, high } = await costRange(cost, options);
  const width = columns + 1;
  const padded = new Float64Array((rows + 1) * width);
  for (let user = 0; user < rows; user++) {
    for (let item = 0; item < columns; item++) {
      padded[user * width + item] = cost.cost[user * columns + item]! - low;
    }
  }
  padded[rows * width + columns] = 2 * (high - low) + 1;
  const sides = {
    users: Float64Array.from([...marginals.users, Math.max(0, wanted - mass)]),
    items: Float64Array.from([...marginals.items, Math.max(0, given - mass)]),
  };
  const { status, gap, iterations, plan } = await solveEmd(
    { cost: padded, rows: rows + 1, columns: width },
    sides,
    options,
  );
  const { users, items, mass: moved } = plan.entries!;
  const real = users.map((_, pair) => pair).filter((pair) => users[pair]! < rows && items[pair]! < columns);
  const entries = {
    users: real.map((pair) => users[pair]!),
    items: real.map((pair) => items[pair]!),
    mass: Float64Array.from(real, (pair) => moved[pair]!),
  };
  const partial = sparsePlan({ users: rows, items: columns }, entries);
  return {
    status,
    plan: partial,
    ...(await planTotals(cost, marginals, partial, options)),
    gap: gap!,
    iterations,
  };
}
