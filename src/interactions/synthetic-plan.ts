import { type SparseMatrix, sparseFromPairs } from "../linalg/sparse.ts";
import { overRanges, type Steps } from "../progress.ts";
import { randomFor } from "../random.ts";
import { positionIn } from "./draw.ts";

/** What gives a generated log its form; see ML_100K_SHAPE. */
export interface SyntheticShape {
  /** A user's share of the interactions is log-normal: exp(userSpread * normal). */
  readonly userSpread: number;
  /** An item's popularity is a stretched exponential: exponential ** itemTail. */
  readonly itemTail: number;
  /** Number of tastes; an item has taste t with probability proportional to 1/t. */
  readonly tastes: number;
  /** What a user's first, second, ... taste weighs; the tastes are drawn by their popularity. */
  readonly tasteWeights: readonly number[];
  /** Share of the choices that follow popularity alone, whatever the tastes. */
  readonly background: number;
}

/** Everything about a log that is decided before its rows: O(users + items) numbers. */
export interface SyntheticPlan {
  readonly users: number;
  readonly items: number;
  readonly seed: number;
  readonly shape: SyntheticShape;
  /** User u has the interactions offsets[u]..offsets[u+1]-1 of the log. */
  readonly offsets: Uint32Array;
  /** How many of them are noise. */
  readonly noiseCounts: Uint32Array;
  /** shape.tasteWeights.length tastes a user. */
  readonly userTastes: Uint8Array;
  readonly catalogue: Catalogue;
  /** Interactions given beforehand so that no item goes without: one true interaction an item. */
  readonly given: SparseMatrix;
}

/** Items by taste, ready to draw from. */
export interface Catalogue {
  /** Item -> popularity. */
  readonly weights: Float64Array;
  /** Item -> taste. */
  readonly tasteOf: Uint8Array;
  /** The items, those of taste t at tasteStarts[t]..tasteStarts[t+1]-1. */
  readonly order: Uint32Array;
  readonly tasteStarts: Uint32Array;
  /** cumulative[i]: popularity of order[0..i-1]. */
  readonly cumulative: Float64Array;
}

/** Users whose random numbers come from one stream. */
export const USERS_PER_BLOCK = 1024;

/** Items between two pauses, each of which may take thousands of draws. */
const ITEMS_PER_STEP = 512;
/** Users between two pauses, a multiple of USERS_PER_BLOCK. */
const USERS_PER_STEP = 16 * USERS_PER_BLOCK;

export function* planSynthetic(
  users: number,
  items: number,
  interactions: number,
  noise: number,
  seed: number,
  shape: SyntheticShape,
): Steps<SyntheticPlan> {
  const catalogue = drawCatalogue(items, seed, shape);
  const activity = new Float64Array(users);
  const userTastes = new Uint8Array(users * shape.tasteWeights.length);
  for (let start = 0; start < users; start += USERS_PER_BLOCK) {
    if (start % USERS_PER_STEP === 0) yield;
    const random = randomFor(seed, "synthesize/users", start / USERS_PER_BLOCK);
    for (let user = start; user < Math.min(start + USERS_PER_BLOCK, users); user++) {
      activity[user] = Math.exp(shape.userSpread * random.normal());
      for (let choice = 0; choice < shape.tasteWeights.length; choice++) {
        const item = drawItem(catalogue, 0, items, random.uniform());
        userTastes[user * shape.tasteWeights.length + choice] = catalogue.tasteOf[item]!;
      }
    }
  }
  const offsets = new Uint32Array(users + 1);
  const counts = yield* apportion(activity, interactions, items);
  for (const [user, count] of counts.entries()) {
    offsets[user + 1] = offsets[user]! + count;
  }
  const noiseCounts = yield* drawNoiseCounts(offsets, Math.round(noise * interactions), seed);
  const plan = { users, items, seed, shape, offsets, noiseCounts, userTastes, catalogue };
  return { ...plan, given: yield* giveEveryItem(plan) };
}

/** How much a user likes the taste, 0 to 1. */
export function liking(
  { userTastes, shape }: Pick<SyntheticPlan, "userTastes" | "shape">,
  user: number,
  taste: number,
): number {
  let sum = 0;
  for (const [choice, weight] of shape.tasteWeights.entries()) {
    if (userTastes[user * shape.tasteWeights.length + choice] === taste) sum += weight;
  }
  return sum;
}

/** An item of order[start..end-1] by popularity; `uniform` is in [0, 1). */
export function drawItem(catalogue: Catalogue, start: number, end: number, uniform: number): number {
  const { cumulative, order } = catalogue;
  const low = cumulative[start]!;
  const value = low + uniform * (cumulative[end]! - low);
  return order[positionIn(cumulative, value, start, end)]!;
}

function drawCatalogue(items: number, seed: number, shape: SyntheticShape): Catalogue {
  const random = randomFor(seed, "synthesize/items");
  const weights = new Float64Array(items);
  const tasteOf = new Uint8Array(items);
  const tastePopularity = new Float64Array(shape.tastes + 1);
  for (let taste = 0; taste < shape.tastes; taste++) {
    tastePopularity[taste + 1] = tastePopularity[taste]! + 1 / (taste + 1);
  }
  for (let item = 0; item < items; item++) {
    weights[item] = (-Math.log(1 - random.uniform())) ** shape.itemTail;
    tasteOf[item] = positionIn(tastePopularity, random.uniform() * tastePopularity[shape.tastes]!);
  }
  const byTaste = sparseFromPairs(
    shape.tastes,
    items,
    Uint32Array.from(tasteOf),
    Uint32Array.from(tasteOf, (_, item) => item),
  );
  const cumulative = new Float64Array(items + 1);
  for (const [index, item] of byTaste.indices.entries()) {
    cumulative[index + 1] = cumulative[index]! + weights[item]!;
  }
  return { weights, tasteOf, order: byTaste.indices, tasteStarts: byTaste.offsets, cumulative };
}

/** Whole numbers in 1..most, in proportion to `shares` where these bounds allow, that sum to `total`. */
function* apportion(shares: Float64Array, total: number, most: number): Steps<Uint32Array> {
  const bounded = (share: number, scale: number) => Math.min(most, Math.max(1, share * scale));
  let low = 0;
  let high = 1;
  function* sumAt(scale: number): Steps<number> {
    yield;
    return shares.reduce((sum, share) => sum + bounded(share, scale), 0);
  }
  while ((yield* sumAt(high)) < total) high *= 2;
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if ((yield* sumAt(middle)) < total) low = middle;
    else high = middle;
  }
  const counts = new Uint32Array(shares.length);
  let left = total;
  let carry = 0;
  for (const [index, share] of shares.entries()) {
    const target = bounded(share, low) + carry;
    counts[index] = Math.min(most, Math.floor(target));
    carry = target - counts[index]!;
    left -= counts[index]!;
  }
  for (let index = 0; left > 0; index++) {
    if (counts[index] === most) continue;
    counts[index]!++;
    left--;
  }
  return counts;
}

/** Chooses `noisy` of all interactions at random and counts them by user. */
function* drawNoiseCounts(offsets: Uint32Array, noisy: number, seed: number): Steps<Uint32Array> {
  const random = randomFor(seed, "synthesize/noise");
  const counts = new Uint32Array(offsets.length - 1);
  let left = noisy;
  let interactionsLeft = offsets.at(-1)!;
  let user = 0;
  yield* overRanges(interactionsLeft, (start, end) => {
    for (let own = start; own < end; own++, interactionsLeft--) {
      if (random.uniform() * interactionsLeft >= left) continue;
      while (own >= offsets[user + 1]!) user++;
      counts[user]!++;
      left--;
    }
  });
  return counts;
}

/** One true interaction for every item, with a user drawn by activity and taste who has room for it. */
function* giveEveryItem(plan: Omit<SyntheticPlan, "given">): Steps<SparseMatrix> {
  const { users, items, seed, shape, offsets, noiseCounts, catalogue } = plan;
  const random = randomFor(seed, "synthesize/given");
  const room = Uint32Array.from(noiseCounts, (noisy, user) => offsets[user + 1]! - offsets[user]! - noisy);
  const takers = new Uint32Array(items);
  const patience = 20 * shape.tastes;
  for (let item = 0; item < items; item++) {
    if (item % ITEMS_PER_STEP === 0) yield;
    const taste = catalogue.tasteOf[item]!;
    let user = positionIn(offsets, random.below(offsets[users]!));
    for (let attempt = 0; attempt < patience; attempt++) {
      const appeal = shape.background + (1 - shape.background) * liking(plan, user, taste);
      if (room[user]! > 0 && random.uniform() < appeal) break;
      user = positionIn(offsets, random.below(offsets[users]!));
    }
    while (room[user] === 0) user = (user + 1) % users;
    room[user]!--;
    takers[item] = user;
  }
  return sparseFromPairs(
    users,
    items,
    takers,
    Uint32Array.from(takers, (_, item) => item),
  );
}
