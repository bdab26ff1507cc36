import type { RunOptions } from "../progress.ts";
import { eachBlock, type TransportCost } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import type { Plan } from "./plan.ts";

/** Cost, mass and marginal error of a plan, added up over all its rows in float64. */
export async function planTotals(cost: TransportCost, marginals: Marginals, plan: Plan, options: RunOptions) {
  const { items } = plan;
  const row = new Float64Array(items);
  const columns = new Float64Array(items);
  let total = 0;
  let mass = 0;
  let marginalError = 0;
  await eachBlock(cost, options, (costs, start, end) => {
    for (let user = start; user < end; user++) {
      plan.fill(user, row);
      const first = (user - start) * items;
      let sum = 0;
      let paid = 0;
      for (let item = 0; item < items; item++) {
        const value = row[item]!;
        sum += value;
        paid += value * costs[first + item]!;
        columns[item]! += value;
      }
      mass += sum;
      total += paid;
      marginalError += Math.abs(sum - marginals.users[user]!);
    }
  });
  for (let item = 0; item < items; item++) marginalError += Math.abs(columns[item]! - marginals.items[item]!);
  return { cost: total, mass, marginalError };
}
