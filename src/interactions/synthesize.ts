import { atOnce, type Steps } from "../progress.ts";
import { type Random, randomFor } from "../random.ts";
import { Marks } from "./draw.ts";
import {
  drawItem,
  liking,
  planSynthetic,
  type SyntheticPlan,
  type SyntheticShape,
  USERS_PER_BLOCK,
} from "./synthetic-plan.ts";

export interface SynthesizeOptions {
  readonly users: number;
  readonly items: number;
  /** Distinct pairs in all, noise included. */
  readonly interactions: number;
  /** Share of the interactions that is planted noise, from 0 to below 1. */
  readonly noise: number;
  readonly seed: number;
}

/** A generated log: known before its rows are. */
export interface SyntheticLog extends SynthesizeOptions {
  /** "u000123": tells nothing about the user. */
  userId(position: number): string;
  /** "item-0042": tells nothing about the item. */
  itemId(position: number): string;
  /** The rows, block of users by block of users; every pass gives the same. */
  blocks(): Generator<SyntheticBlock>;
}

/** All rows of some consecutive users. */
export interface SyntheticBlock {
  /** Position of the block's first user. */
  readonly firstUser: number;
  /** User firstUser + u has the rows offsets[u]..offsets[u+1]-1 of the block. */
  readonly offsets: Uint32Array;
  /** Item positions, ascending within a user. */
  readonly items: Uint32Array;
  /** 1 for a row of planted noise, else 0. */
  readonly noise: Uint8Array;
}

/**
 * The form of MovieLens 100K's ratings of 4 and more (942 x 1,447, 55,375). `userSpread` is the standard deviation
 * of the logarithm of the users' counts, the maximum-likelihood fit of a log-normal. `itemTail` makes the quantiles
 * of the items' counts fit the real ones best, saturation included (a user clicks an item once).
 * scripts/fit-synth.mjs prints both from u.data. The tastes are set by hand so that 10% added uniform noise is as
 * hard to detect as on the real log; ROC-AUC / average precision at this shape, mean of three seeds, and on the real
 * log: rank-10 SVD score / sqrt(user's count) .913/.451 and .906/.527, popularity alone .861/.446 and .851/.423.
 */
export const ML_100K_SHAPE: SyntheticShape = {
  userSpread: 0.916,
  itemTail: 2.45,
  tastes: 12,
  tasteWeights: [0.5, 0.3, 0.2],
  background: 0.06,
};

/**
 * A log of any shape in O(users + items) memory. Everyone clicks at least once, every item is clicked at least once,
 * no pair stands twice, and exactly round(noise * interactions) rows are noise: the noisy rows are drawn at random
 * among all rows (so users get them in proportion to their clicks), and each is a uniformly random item that the user
 * has not clicked. The other rows follow the user's tastes and the items' popularity.
 * @throws RangeError for numbers that no log has.
 */
export function synthesize(options: SynthesizeOptions, shape?: SyntheticShape): SyntheticLog {
  return atOnce(synthesizeInSteps(options, shape));
}

/** `synthesize`, with pauses while the log is planned. */
export function* synthesizeInSteps(
  options: SynthesizeOptions,
  shape: SyntheticShape = ML_100K_SHAPE,
): Steps<SyntheticLog> {
  const { users, items, interactions, noise, seed } = options;
  for (const [name, value] of Object.entries({ users, items, interactions })) {
    if (!(Number.isInteger(value) && value > 0 && value < 2 ** 31)) {
      throw new RangeError(`${name} is ${value}; it must be a whole number from 1 to 2147483647.`);
    }
  }
  if (!(noise >= 0 && noise < 1)) throw new RangeError(`The noise is ${noise}; it must be 0 to below 1.`);
  const genuine = interactions - Math.round(noise * interactions);
  if (interactions < users || interactions > users * items || genuine < items) {
    throw new RangeError(
      `${users} users, ${items} items and ${interactions} interactions (${genuine} of them no noise) don't go together: ` +
        "every user needs an interaction, every item one that is no noise, and no pair may stand twice.",
    );
  }
  const plan = yield* planSynthetic(users, items, interactions, noise, seed, shape);
  const userDigits = Math.max(6, String(users - 1).length);
  const itemDigits = Math.max(4, String(items - 1).length);
  return {
    ...options,
    userId: (position) => `u${String(position).padStart(userDigits, "0")}`,
    itemId: (position) => `item-${String(position).padStart(itemDigits, "0")}`,
    *blocks() {
      const taken = new Marks(items);
      for (let start = 0; start < users; start += USERS_PER_BLOCK) yield fillBlock(plan, start, taken);
    },
  };
}

function fillBlock(plan: SyntheticPlan, firstUser: number, taken: Marks): SyntheticBlock {
  const random = randomFor(plan.seed, "synthesize/rows", firstUser / USERS_PER_BLOCK);
  const end = Math.min(firstUser + USERS_PER_BLOCK, plan.users);
  const base = plan.offsets[firstUser]!;
  const offsets = plan.offsets.slice(firstUser, end + 1).map((offset) => offset - base);
  // An item and its noise flag in one number, so that one sort orders both.
  const rows = new Uint32Array(offsets.at(-1)!);
  for (let user = firstUser; user < end; user++) {
    const own = rows.subarray(offsets[user - firstUser], offsets[user - firstUser + 1]);
    const genuine = own.subarray(0, own.length - plan.noiseCounts[user]!);
    taken.clear();
    const given = plan.given.indices.subarray(plan.given.offsets[user], plan.given.offsets[user + 1]);
    for (const [index, item] of given.entries()) {
      taken.add(item);
      genuine[index] = item * 2;
    }
    const open = genuine.subarray(given.length);
    // Both ways draw one item after the other by appeal, leaving out those taken.
    if (genuine.length > plan.items / 4) raceItems(plan, user, open, taken, random);
    else drawItems(plan, user, open, taken, random);
    for (let index = genuine.length; index < own.length; ) {
      const item = random.below(plan.items);
      if (taken.add(item)) own[index++] = item * 2 + 1;
    }
    own.sort();
  }
  return {
    firstUser,
    offsets,
    items: rows.map((row) => row >>> 1),
    noise: Uint8Array.from(rows, (row) => row & 1),
  };
}

/** Fills `out` by drawing until an item is new: fast where most items stay untaken. */
function drawItems(plan: SyntheticPlan, user: number, out: Uint32Array, taken: Marks, random: Random): void {
  const { catalogue, items, shape, userTastes } = plan;
  for (let index = 0; index < out.length; ) {
    let start = 0;
    let end = items;
    let choice = random.uniform() - shape.background;
    if (choice >= 0) {
      choice /= 1 - shape.background;
      let rank = 0;
      while (rank < shape.tasteWeights.length - 1 && choice >= shape.tasteWeights[rank]!) {
        choice -= shape.tasteWeights[rank++]!;
      }
      const taste = userTastes[user * shape.tasteWeights.length + rank]!;
      start = catalogue.tasteStarts[taste]!;
      end = catalogue.tasteStarts[taste + 1]!;
    }
    const item = drawItem(catalogue, start, end, random.uniform());
    if (taken.add(item)) out[index++] = item * 2;
  }
}

/**
 * Fills `out` with the items that arrive first when each arrives after an exponential time at the rate of its appeal:
 * the same as drawing one after the other (Efraimidis and Spirakis 2006), at the price of a number for every item.
 */
function raceItems(plan: SyntheticPlan, user: number, out: Uint32Array, taken: Marks, random: Random): void {
  const { cumulative, tasteOf, tasteStarts, weights } = plan.catalogue;
  const { background, tastes } = plan.shape;
  const appeals = Float64Array.from({ length: tastes }, (_, taste) => {
    const popularity = cumulative[tasteStarts[taste + 1]!]! - cumulative[tasteStarts[taste]!]!;
    const pull = popularity > 0 ? ((1 - background) * liking(plan, user, taste)) / popularity : 0;
    return background / cumulative[plan.items]! + pull;
  });
  const arrivals = new Float64Array(plan.items);
  for (let item = 0; item < plan.items; item++) {
    const wait = -Math.log(1 - random.uniform());
    arrivals[item] = taken.has(item) ? Infinity : wait / (weights[item]! * appeals[tasteOf[item]!]!);
  }
  const last = arrivals.slice().sort()[out.length - 1] ?? -Infinity;
  let index = 0;
  for (let item = 0; item < plan.items && index < out.length; item++) {
    if (arrivals[item]! > last) continue;
    taken.add(item);
    out[index++] = item * 2;
  }
}
