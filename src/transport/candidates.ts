import type { Pricing } from "../kernels/kernels.ts";
import type { RunOptions } from "../progress.ts";
import type { CostMatrix } from "../scores.ts";
import { eachBlock } from "./costs.ts";
import type { Pairs } from "./network-simplex.ts";

/** The pairs whose reduced cost is least: so many a user, and each item's least one, cheapest first. Costs come reduced. */
export function cheapPairs(
  shape: { readonly rows: number; readonly columns: number },
  pricing: Pricing,
  costOf: (user: number, item: number) => number,
  most: number,
): Pairs {
  const { rows, columns } = shape;
  const users = new Uint32Array(rows * Math.min(most, columns) + columns);
  const items = new Uint32Array(users.length);
  let count = 0;
  for (let user = 0; user < rows; user++) {
    for (const item of pricing.nearest(user, most)) {
      users[count] = user;
      items[count++] = item;
    }
  }
  const owners = pricing.nearestUsers();
  for (let item = 0; item < columns; item++) {
    users[count] = owners[item]!;
    items[count++] = item;
  }
  const costs = new Float64Array(count);
  for (let pair = 0; pair < count; pair++) costs[pair] = costOf(users[pair]!, items[pair]!);
  const order = ascending(costs);
  return {
    users: order.map((pair) => users[pair]!),
    items: order.map((pair) => items[pair]!),
    costs: Float64Array.from(order, (pair) => costs[pair]!),
  };
}

/** The places of the values, least first, as far as float32 tells them apart: each is sorted as a number with its place behind it. */
function ascending(values: Float64Array): Uint32Array {
  const bits = new Int32Array(Float32Array.from(values).buffer);
  const places = 2 ** Math.ceil(Math.log2(values.length + 1));
  const coarse = Math.max(1, places / 2 ** 21);
  const keys = Float64Array.from(bits, (sign, place) => {
    const rank = sign < 0 ? -(sign & 0x7fffffff) : sign;
    return Math.floor(rank / coarse) * places + place;
  }).sort();
  return Uint32Array.from(keys, (key) => key - Math.floor(key / places) * places);
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
    for (let at = 0, user = start; at < costs.length; at += columns, user++)
      lower(items, costs, at, users[user]!);
  });
  return { users, items };
}

function lower(items: Float64Array, costs: CostMatrix["cost"], from: number, ofUser: number): void {
  for (let item = 0; item < items.length; item++) {
    const value = costs[from + item]! - ofUser;
    if (value < items[item]!) items[item] = value;
  }
}
