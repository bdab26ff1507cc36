import type { Engine, Pricing } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
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
const LOOK_BACK = 6;
/** Pairs a user that the first tree chooses from, beside each item's best. */
const CHEAP = 4;
/** Flows are whole multiples of the total over 2 to this, so that their sums are exact. */
const BITS = 50;
/** Reduced costs count as zero below this share of the largest cost. */
const SLACK = 1e-13;
/** Roundings of a reduced cost and of a bar in float32, as a share of the largest height: five of 2^-24 at most. */
const ROUNDING = 2 ** -21;
/** Users whose rows are priced between two breaths: some tens of milliseconds. */
const ROWS = 512;
/** What an artificial pair costs at first, as a share of the costs' range, and by how much more while it is used. */
const DETOUR = 1 / 100;
const DEARER = 1.3;
/** It gets dearer when this share of the users in a row has no pair to offer. */
const ENOUGH = 0.1;
/** Pairs that a user may take in one turn, while its row is in the cache. */
const TURN = 2;
/** The most turns that a user without a pair to offer waits. */
const LONGEST = 7;

export interface EmdOptions extends RunOptions {
  readonly engine?: Engine | "auto" | undefined;
  /** Exchanges of pairs before it gives up. */
  readonly iterations: number;
}

/**
 * The cheapest plan with these marginals, Eq. 1, exact: the network simplex. Costs are taken less the potentials of a cold
 * entropic plan, and the first tree is greedy in them. Users take turns: all items are priced for a user, and the pair that
 * would lower the cost most joins, a few times over, until no user has one. That is the proof. What the tree has not placed
 * takes a detour that starts cheap, so that the potentials hold, and grows dearer.
 * @param marginals of one sum
 */
export async function solveEmd(cost: CostMatrix, marginals: Marginals, options: EmdOptions): Promise<Solved> {
  const { rows } = cost;
  const { low, high } = await costRange(cost, options);
  const slack = SLACK * Math.max(Math.abs(low), Math.abs(high));
  const start = await startingPotentials(cost, marginals, high - low, options);
  const prices = openPrices(cost, start, options);
  let detour = (high - low) * DETOUR + (slack || 1);
  const pairs = cheapPairs(cost, prices.pricing, prices.costOf, CHEAP);
  const simplex = networkSimplex(
    ...wholeFlows(marginals),
    pairs,
    detour,
    prices.heights,
    prices.pricing.heights,
  );
  /** Users in a row that had no pair to offer, by float32 and then by the costs themselves. */
  let clean = 0;
  let exact = false;
  let unplaced = true;
  /** Turns that users without a pair let pass: twice as many each time. */
  const waits = new Uint8Array(rows);
  const waited = new Uint8Array(rows);
  for (let user = 0; ; user = user + 1 === rows ? 0 : user + 1) {
    if (user % ROWS === 0) {
      await breathe(options.signal);
      options.onProgress?.({ stage: "emd", done: simplex.pivots, total: options.iterations });
      if (simplex.pivots >= options.iterations)
        return solved(cost, marginals, high, simplex, prices, false, options);
    }
    if (!exact && waited[user]! < waits[user]!) {
      waited[user]!++;
      continue;
    }
    waited[user] = 0;
    waits[user] = Math.min(2 * waits[user]! + 1, LONGEST);
    clean++;
    for (let pair = 0; pair < TURN; pair++) {
      const item = exact ? prices.exactLeast(user, slack) : prices.least(user, slack);
      if (item < 0) break;
      simplex.pivot(user, item, prices.costOf(user, item));
      if (exact) prices.measure();
      waits[user] = 0;
      clean = 0;
    }
    if (clean < (unplaced ? ENOUGH * rows : rows)) continue;
    simplex.refresh();
    prices.measure();
    waits.fill(0);
    clean = 0;
    const before = unplaced;
    unplaced = simplex.detoured() > 0;
    if (unplaced) {
      detour *= DEARER;
      simplex.setDetour(detour);
      exact = false;
    } else if (exact) return solved(cost, marginals, high, simplex, prices, true, options);
    else exact = !before;
  }
}

/** Costs less potentials, and the search among them. */
interface Prices {
  readonly pricing: Pricing;
  readonly heights: Float64Array;
  /** The item of the user's least reduced cost, -1 unless that is below -slack; costs rounded to float32. */
  least(user: number, slack: number): number;
  /** The same by the costs themselves. */
  exactLeast(user: number, slack: number): number;
  /** Looks at the heights, by which `exactLeast` knows how far off float32 may be. */
  measure(): void;
  costOf(user: number, item: number): number;
  /** Dual values f and g of the costs as they were. */
  potentials(): Float64Array;
}

function openPrices(matrix: CostMatrix, start: Float64Array, options: EmdOptions): Prices {
  const { cost, rows, columns } = matrix;
  const pricing = loadKernels(options.engine).pricing(matrix, start);
  const heights = new Float64Array(rows + columns + 1);
  let reach = 0;
  const costOf = (user: number, item: number) =>
    cost[user * columns + item]! - start[user]! - start[rows + item]!;
  return {
    pricing,
    heights,
    costOf,
    least(user, slack) {
      const item = pricing.leastBelow(user, -slack - heights[user]!);
      return item >= 0 && costOf(user, item) + heights[user]! - heights[rows + item]! < -slack ? item : -1;
    },
    measure() {
      let most = 0;
      for (let node = 0; node < heights.length; node++) most = Math.max(most, Math.abs(heights[node]!));
      reach = ROUNDING * most;
    },
    exactLeast(user, slack) {
      let least = -slack - heights[user]!;
      let best = -1;
      for (const item of pricing.allBelow(user, least + reach + ROUNDING * slack)) {
        const value = costOf(user, item) - heights[rows + item]!;
        if (value < least) {
          least = value;
          best = item;
        }
      }
      return best;
    },
    potentials: () => start.map((value, node) => value + (node < rows ? -heights[node]! : heights[node]!)),
  };
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
  if (!(range > 0)) return start.fill(cost.cost[0] ?? 0, 0, rows);
  const { potentials } = await scaling(cost, marginals, {
    ...options,
    gammas: annealing(range, range * COLD, 0.5),
    tolerance: 0.01,
    looseTolerance: 0.01,
    most: SWEEPS,
    depth: LOOK_BACK,
    priced: false,
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

/** `high`: what mass counts in the gap that a plan stopped early has not placed. */
async function solved(
  cost: CostMatrix,
  marginals: Marginals,
  high: number,
  simplex: NetworkSimplex,
  prices: Prices,
  proven: boolean,
  options: EmdOptions,
): Promise<Solved> {
  const { rows, columns } = cost;
  const entries = simplex.flow(marginals.users, marginals.items);
  const potentials = await feasiblePotentials(cost, prices.potentials(), options);
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
  const missing = proven ? 0 : marginals.users.reduce((sum, value) => sum + value, -mass);
  const worth = dot(potentials.users, marginals.users) + dot(potentials.items, marginals.items);
  return {
    status: proven ? "optimal" : "stopped",
    plan: sparsePlan({ users: rows, items: columns }, entries),
    cost: paid,
    mass,
    marginalError: size(left.users) + size(left.items),
    gap: paid + missing * high - worth,
    potentials,
    iterations: simplex.pivots,
  };
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, at) => sum + value * right[at]!, 0);
}

function size(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}
