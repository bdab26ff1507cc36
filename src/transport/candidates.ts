import type { RunOptions } from "../progress.ts";
import type { CostMatrix } from "../scores.ts";
import { eachBlock } from "./costs.ts";
import type { Pairs } from "./network-simplex.ts";

/**
 * The pairs whose reduced cost, cost - f - g, is least: so many a user, and each item's least one, cheapest first. Costs
 * come reduced.
 */
export function cheapPairs(
  { cost, rows, columns }: CostMatrix,
  potentials: Float64Array,
  most: number,
): Pairs {
  const users: number[] = [];
  const items: number[] = [];
  const costs: number[] = [];
  const least = new Float64Array(columns).fill(Infinity);
  const leastUser = new Uint32Array(columns);
  const nearest = new Float64Array(most);
  const nearestItem = new Uint32Array(most);
  for (let user = 0; user < rows; user++) {
    const first = user * columns;
    let count = 0;
    for (let item = 0; item < columns; item++) {
      const value = cost[first + item]! - potentials[user]! - potentials[rows + item]!;
      if (value < least[item]!) {
        least[item] = value;
        leastUser[item] = user;
      }
      if (count === most && value >= nearest[most - 1]!) continue;
      let place = count < most ? count++ : most - 1;
      for (; place > 0 && nearest[place - 1]! > value; place--) {
        nearest[place] = nearest[place - 1]!;
        nearestItem[place] = nearestItem[place - 1]!;
      }
      nearest[place] = value;
      nearestItem[place] = item;
    }
    for (let place = 0; place < count; place++) {
      users.push(user);
      items.push(nearestItem[place]!);
      costs.push(nearest[place]!);
    }
  }
  for (let item = 0; item < columns; item++) {
    users.push(leastUser[item]!);
    items.push(item);
    costs.push(least[item]!);
  }
  const order = Uint32Array.from(costs, (_, pair) => pair).sort((a, b) => costs[a]! - costs[b]!);
  const sorted = (values: number[]) => Float64Array.from(order, (pair) => values[pair]!);
  return { users: sorted(users), items: sorted(items), costs: sorted(costs) };
}

/** The dual values made feasible: each item's is lowered to its least cost - f over all users. */
export async function feasiblePotentials(
  cost: CostMatrix,
  potentials: Float64Array,
  options: RunOptions,
): Promise<{ users: Float64Array; items: Float64Array }> {
  const { rows, columns } = cost;
  const users = potentials.slice(0, rows);
  const items = new Float64Array(columns).fill(Infinity);
  await eachBlock(cost, options, (costs, start) => {
    for (let at = 0, user = start; at < costs.length; user++) {
      const ofUser = users[user]!;
      for (let item = 0; item < columns; item++, at++) {
        const value = costs[at]! - ofUser;
        if (value < items[item]!) items[item] = value;
      }
    }
  });
  return { users, items };
}
