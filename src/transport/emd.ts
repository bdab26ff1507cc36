import type { Engine } from "../kernels/kernels.ts";
import { breathe, type RunOptions } from "../progress.ts";
import type { CostMatrix } from "../scores.ts";
import { cheapPairs, feasiblePotentials } from "./candidates.ts";
import { costRange } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import { type NetworkSimplex, networkSimplex } from "./network-simplex.ts";
import { sparsePlan } from "./plan.ts";
import type { Solved } from "./result.ts";
import { annealing, scaling } from "./scaling.ts";

/** Temperature, as a share of the costs' range, of the entropic plan whose potentials the search starts from. */
const COLD = 1 / 500;
const SWEEPS = 8;
/** Pairs a user that the first tree chooses from, beside each item's best. */
const CHEAP = 32;
/** Flows are whole multiples of the total over 2 to this, so that their sums are exact. */
const BITS = 50;
/** Reduced costs count as zero below this share of the largest cost. */
const SLACK = 1e-13;
/** Users whose rows are priced between two breaths: some tens of milliseconds. */
const ROWS = 512;

export interface EmdOptions extends RunOptions {
  readonly engine?: Engine | "auto" | undefined;
  /** Exchanges of pairs before it gives up. */
  readonly iterations: number;
}

/**
 * The cheapest plan with these marginals, Eq. 1, exact: the network simplex. Costs are taken less the potentials of a cold
 * entropic plan, and the first tree is greedy in them. Users take turns: all items are priced for a user, and the pair that
 * would lower the cost most joins, until no user has one. That is the proof.
 * @param marginals of one sum
 */
export async function solveEmd(cost: CostMatrix, marginals: Marginals, options: EmdOptions): Promise<Solved> {
  const { low, high } = await costRange(cost, options);
  const slack = SLACK * Math.max(Math.abs(low), Math.abs(high));
  const start = await startingPotentials(cost, marginals, high - low, options);
  let detour = high - low + slack;
  const simplex = networkSimplex(...wholeFlows(marginals), cheapPairs(cost, start, CHEAP), detour);
  let turn = 0;
  for (let done = 0; ; ) {
    for (let step = 0; step < ROWS && done < cost.rows; step++, done++) {
      if (priceUser(cost, start, simplex, turn, slack)) done = 0;
      turn = turn + 1 === cost.rows ? 0 : turn + 1;
    }
    await breathe(options.signal);
    options.onProgress?.({ stage: "emd", done: simplex.pivots, total: options.iterations });
    if (simplex.pivots >= options.iterations) return solved(cost, marginals, simplex, start, false, options);
    if (done < cost.rows) continue;
    simplex.refresh();
    if (simplex.detoured() === 0) return solved(cost, marginals, simplex, start, true, options);
    detour *= 4;
    simplex.setDetour(detour);
    done = 0;
  }
}

/** Takes the user's pair of the least reduced cost into the tree if that is negative. */
function priceUser(
  { cost, rows, columns }: CostMatrix,
  start: Float64Array,
  simplex: NetworkSimplex,
  user: number,
  slack: number,
): boolean {
  const { heights } = simplex;
  const first = user * columns;
  const shift = heights[user]! - start[user]!;
  let least = -slack - shift;
  let best = -1;
  for (let item = 0; item < columns; item++) {
    const value = cost[first + item]! - start[rows + item]! - heights[rows + item]!;
    if (value < least) {
      least = value;
      best = item;
    }
  }
  if (best < 0) return false;
  simplex.pivot(user, best, cost[first + best]! - start[user]! - start[rows + best]!);
  return true;
}

/** Potentials of a cold entropic plan, and 0 for users and items without mass. */
async function startingPotentials(
  cost: CostMatrix,
  marginals: Marginals,
  range: number,
  options: EmdOptions,
): Promise<Float64Array> {
  const { rows, columns } = cost;
  const start = new Float64Array(rows + columns);
  if (!(range > 0)) return start;
  const { potentials } = await scaling(cost, marginals, {
    ...options,
    gammas: annealing(range, range * COLD, 0.5),
    tolerance: 0.01,
    looseTolerance: 0.01,
    most: SWEEPS,
  });
  start.set(potentials.users);
  start.set(potentials.items, rows);
  return start.map((value) => (Number.isFinite(value) ? value : 0));
}

/** Supplies and demands as whole numbers of one sum. */
function wholeFlows({ users, items }: Marginals): [Float64Array, Float64Array] {
  const total = users.reduce((sum, value) => sum + value, 0);
  const whole = (shares: Float64Array) => shares.map((share) => Math.round((share / total) * 2 ** BITS));
  const sides: [Float64Array, Float64Array] = [whole(users), whole(items)];
  const sums = sides.map((side) => side.reduce((sum, value) => sum + value, 0));
  const less = sums[0]! < sums[1]! ? sides[0] : sides[1];
  less[less.indexOf(less.reduce((most, value) => Math.max(most, value)))]! += Math.abs(sums[0]! - sums[1]!);
  return sides;
}

async function solved(
  cost: CostMatrix,
  marginals: Marginals,
  simplex: NetworkSimplex,
  start: Float64Array,
  proven: boolean,
  options: EmdOptions,
): Promise<Solved> {
  const { rows, columns } = cost;
  const entries = simplex.flow(marginals.users, marginals.items);
  const potentials = await feasiblePotentials(cost, potentialsOf(simplex, start, rows), options);
  const left = { users: marginals.users.slice(), items: marginals.items.slice() };
  let paid = 0;
  let mass = 0;
  for (const [arc, amount] of entries.mass.entries()) {
    const user = entries.users[arc]!;
    const item = entries.items[arc]!;
    paid += amount * cost.cost[user * columns + item]!;
    mass += amount;
    left.users[user]! -= amount;
    left.items[item]! -= amount;
  }
  const worth = dot(potentials.users, marginals.users) + dot(potentials.items, marginals.items);
  return {
    status: proven ? "optimal" : "stopped",
    plan: sparsePlan({ users: rows, items: columns }, entries),
    cost: paid,
    mass,
    marginalError: size(left.users) + size(left.items),
    gap: paid - worth,
    potentials,
    iterations: simplex.pivots,
  };
}

/** Dual values f and g of the costs as they were. */
function potentialsOf({ heights }: NetworkSimplex, start: Float64Array, users: number): Float64Array {
  return start.map((value, node) => value + (node < users ? -heights[node]! : heights[node]!));
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, at) => sum + value * right[at]!, 0);
}

function size(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}
