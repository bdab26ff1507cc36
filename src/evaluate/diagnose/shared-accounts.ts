import type { ItemFactors } from "../../denoise/evidence.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { type Random, randomFor, shuffle } from "../../random.ts";
import { rankDetection } from "../detection.ts";

/** Users whose items fall into two groups that don't go together. A heuristic that says how far it can be trusted. */
export interface SharedAccounts {
  /**
   * ROC-AUC with which the score tells two users of this log put together from one user with as many clicks; null
   * with too few users to try.
   */
  readonly auc: number | null;
  /** Those that split more clearly than all but 1% of the users of their size would; none where the AUC is below .8. */
  readonly users: readonly { readonly user: string; readonly clicks: number; readonly score: number }[];
}

const LEAST_CLICKS = 20;
const MOST_CLICKS = 300;
const MOST_PAIRS = 1000;
const TRUSTED = 0.8;
const MOST_LISTED = 20;
const ROUNDS = 6;

/** Scores users by how much better two directions than one describe their items, and tests that on made-up merges. */
export function sharedAccounts(
  interactions: Interactions,
  factors: ItemFactors,
  seed: number,
): SharedAccounts {
  const { matrix, users } = interactions;
  const directions = unitRows(factors);
  const random = randomFor(seed, "shared-accounts");
  const itemsOf = (user: number) => matrix.indices.subarray(matrix.offsets[user], matrix.offsets[user + 1]);
  const candidates = Uint32Array.from(users, (_, user) => user).filter(
    (user) => itemsOf(user).length >= LEAST_CLICKS,
  );
  const scores = Float32Array.from(candidates, (user) => {
    return splitGain(directions, factors.rank, sampled(itemsOf(user), MOST_CLICKS, random));
  });
  const pairs = Math.min(MOST_PAIRS, Math.floor(candidates.length / 2));
  if (pairs < 20) return { auc: null, users: [] };
  const order = shuffle(candidates.slice(), random);
  const merged = Float32Array.from({ length: pairs }, (_, pair) => {
    const halves = [order[2 * pair]!, order[2 * pair + 1]!].map((user) => {
      const items = itemsOf(user);
      return sampled(items, Math.min(MOST_CLICKS / 2, Math.ceil(items.length / 2)), random);
    });
    return splitGain(directions, factors.rank, Uint32Array.of(...halves[0]!, ...halves[1]!));
  });
  const all = Float32Array.of(...scores, ...merged);
  const { rocAuc } = rankDetection(
    all,
    Uint8Array.from(all, (_, index) => (index < scores.length ? 0 : 1)),
  );
  const auc = rocAuc!;
  const bound = scores.slice().sort()[Math.floor(0.99 * scores.length)]!;
  const found = Array.from(candidates, (user, index) => ({
    user: users.at(user),
    clicks: itemsOf(user).length,
    score: scores[index]!,
  }))
    .filter(({ score }) => auc >= TRUSTED && score > bound)
    .sort((left, right) => right.score - left.score);
  return { auc, users: found.slice(0, MOST_LISTED) };
}

/** Mean cosine of the items to the nearer of two directions (spherical 2-means), less that to their one direction. */
function splitGain(directions: Float32Array, rank: number, items: Uint32Array): number {
  const one = direction(directions, rank, items);
  const at = (item: number, towards: Float64Array) => cosine(directions, rank, item, towards);
  const first = least(items, (item) => at(item, one));
  const apart = direction(directions, rank, Uint32Array.of(first));
  let centres = [apart, direction(directions, rank, Uint32Array.of(least(items, (item) => at(item, apart))))];
  let nearest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const isSecond = items.map((item) => (at(item, centres[1]!) > at(item, centres[0]!) ? 1 : 0));
    const groups = [0, 1].map((group) => items.filter((_, index) => isSecond[index] === group));
    centres = groups.map((group, index) =>
      group.length > 0 ? direction(directions, rank, group) : centres[index]!,
    );
    nearest = items.reduce((sum, item) => sum + Math.max(at(item, centres[0]!), at(item, centres[1]!)), 0);
  }
  return (nearest - items.reduce((sum, item) => sum + at(item, one), 0)) / items.length;
}

/** Unit vector of the items' sum. */
function direction(directions: Float32Array, rank: number, items: Uint32Array): Float64Array {
  const sum = new Float64Array(rank);
  for (const item of items) for (let k = 0; k < rank; k++) sum[k]! += directions[item * rank + k]!;
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

function cosine(directions: Float32Array, rank: number, item: number, towards: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < rank; k++) sum += directions[item * rank + k]! * towards[k]!;
  return sum;
}

function least(items: Uint32Array, value: (item: number) => number): number {
  return items.reduce((best, item) => (value(item) < value(best) ? item : best), items[0]!);
}

function sampled(items: Uint32Array, most: number, random: Random): Uint32Array {
  return items.length <= most ? items : shuffle(items.slice(), random).subarray(0, most);
}

function unitRows({ itemFactors, rank }: ItemFactors): Float32Array {
  const rows = itemFactors.slice();
  for (let start = 0; start < rows.length; start += rank) {
    const row = rows.subarray(start, start + rank);
    const length = Math.hypot(...row) || 1;
    for (let k = 0; k < rank; k++) row[k]! /= length;
  }
  return rows;
}
