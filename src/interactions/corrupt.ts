import {
  columnCounts,
  findEntry,
  keepEntries,
  rowCounts,
  type SparseMatrix,
  sparseFromPairs,
} from "../linalg/sparse.ts";
import { type Random, randomFor, shuffle } from "../random.ts";
import { Marks, positionIn } from "./draw.ts";
import { Ids } from "./ids.ts";
import { Interactions } from "./interactions.ts";
import { mergeInteractions } from "./split.ts";

export type NoiseKind = "add" | "replace" | "popular" | "bots" | "bursts" | "merged";

/** What each kind of noise is, in a sentence. */
export const NOISE_KINDS: Readonly<Record<NoiseKind, string>> = {
  add: "Clicks on uniformly random unseen items; users drawn in proportion to their clicks.",
  replace:
    "A random part of the clicks, each replaced by a click of the same user on a uniformly random unseen item.",
  popular: "Clicks on unseen items drawn in proportion to their popularity; users as for add.",
  bots: "New users bot-1, bot-2, ..., three or as many as it takes that none clicks more than half of the items, click uniformly random items.",
  bursts:
    "Random items, three or as many as it takes that none is pushed on more than half of the users, get clicks of uniformly random users.",
  merged:
    "Two accounts become one, as often as fits: all clicks of a random user go to another's account. The noise is what the account had not clicked itself.",
};

export interface CorruptOptions {
  readonly kind: NoiseKind;
  /** Injected interactions as a share of the original ones, 0 to 1. */
  readonly rate: number;
  readonly seed: number;
  /** Further real pairs over the same ids that must not be injected, e.g. the test part of a split. */
  readonly avoid?: Interactions;
}

export interface Corrupted {
  /** The noisy interactions. Same ids as the original, except that bots come after its users. Injected weights are 1. */
  readonly interactions: Interactions;
  /** For each noisy interaction in row order: 1 if it was injected, else 0. */
  readonly noise: Uint8Array;
  /** The true pairs that `replace` took away, and those that `merged` took from the accounts that end. */
  readonly removed?: SparseMatrix;
  /** `merged`: the account that each user's clicks went to, the user's own for most. */
  readonly accounts?: Uint32Array;
}

/** Positions of users and items, parallel. */
export interface Pairs {
  readonly users: number[];
  readonly items: number[];
}

/**
 * Injects exactly round(rate * size) known noise interactions; `merged` as near below as whole accounts allow. None of them is a pair of `interactions` or of
 * `avoid`, and none stands twice.
 * @throws RangeError for a rate outside 0..1, or where there are too few unseen pairs to inject.
 */
export function corrupt(interactions: Interactions, options: CorruptOptions): Corrupted {
  const { kind, rate, seed, avoid } = options;
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`The noise rate is ${rate}; it must be 0 to 1.`);
  if (avoid !== undefined && (avoid.users !== interactions.users || avoid.items !== interactions.items)) {
    throw new RangeError("The pairs to avoid must stand on the same ids as the interactions.");
  }
  const count = Math.round(rate * interactions.size);
  const random = randomFor(seed, `corrupt/${kind}`);
  const known = avoid === undefined ? interactions : mergeInteractions(interactions, avoid);
  const real = known.matrix;
  const { matrix } = interactions;
  const uniformItem = () => random.below(matrix.columns);
  switch (kind) {
    case "add": {
      const counts = countsByActivity(matrix, count, freeItems(real), random);
      return injected(interactions, unseenPairs(real, counts, uniformItem));
    }
    case "popular": {
      const counts = countsByActivity(matrix, count, freeItems(real, columnCounts(matrix)), random);
      const clickedItem = () => matrix.indices[random.below(matrix.indices.length)]!;
      return injected(interactions, unseenPairs(real, counts, clickedItem));
    }
    case "replace": {
      const replaced = replacedEntries(matrix, count, freeItems(real), random);
      const removed = keepEntries(matrix, (entry) => replaced[entry] === 1);
      const kept = keepEntries(matrix, (entry) => replaced[entry] === 0);
      const rest = new Interactions(interactions.users, interactions.items, kept);
      return { ...injected(rest, unseenPairs(real, rowCounts(removed), uniformItem)), removed };
    }
    case "bots": {
      const { extended, counts } = withBots(interactions, count);
      return injected(extended, unseenPairs(extended.matrix, counts, uniformItem));
    }
    case "bursts":
      return injected(interactions, burstPairs(matrix, real, count, random));
    case "merged": {
      const { accounts, pairs } = mergedAccounts(matrix, real, count, random);
      const entryUsers = positionsOf(matrix);
      const ends = (entry: number) => accounts[entryUsers[entry]!] !== entryUsers[entry];
      const removed = keepEntries(matrix, ends);
      const kept = keepEntries(matrix, (entry) => !ends(entry));
      const rest = new Interactions(interactions.users, interactions.items, kept);
      return { ...injected(rest, pairs), removed, accounts };
    }
  }
}

/** `base` with the pairs added and flagged. */
export function injected(base: Interactions, pairs: Pairs): Corrupted {
  const { users, items, matrix } = base;
  const noise = sparseFromPairs(
    matrix.rows,
    matrix.columns,
    Uint32Array.from(pairs.users),
    Uint32Array.from(pairs.items),
  );
  const interactions = mergeInteractions(base, new Interactions(users, items, noise));
  const flags = new Uint8Array(interactions.size);
  const { offsets, indices } = interactions.matrix;
  for (let user = 0; user < matrix.rows; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      if (findEntry(noise, user, indices[entry]!) >= 0) flags[entry] = 1;
    }
  }
  return { interactions, noise: flags };
}

/** For each user the number of items without a real pair; with `popularity`, of those that somebody clicked. */
function freeItems(real: SparseMatrix, popularity?: Uint32Array): Uint32Array {
  const isFree = (item: number) => popularity === undefined || popularity[item]! > 0;
  const all = popularity === undefined ? real.columns : popularity.filter((count) => count > 0).length;
  const free = new Uint32Array(real.rows);
  for (let user = 0; user < real.rows; user++) {
    let taken = 0;
    for (let entry = real.offsets[user]!; entry < real.offsets[user + 1]!; entry++) {
      if (isFree(real.indices[entry]!)) taken++;
    }
    free[user] = all - taken;
  }
  return free;
}

/** Deals `count` clicks to users in proportion to their interactions; nobody gets more than `free`. */
function countsByActivity(
  matrix: SparseMatrix,
  count: number,
  free: Uint32Array,
  random: Random,
): Uint32Array {
  let room = 0;
  for (let user = 0; user < matrix.rows; user++) if (rowLength(matrix, user) > 0) room += free[user]!;
  if (room < count) throw tooFewPairs(count, room);
  const counts = new Uint32Array(matrix.rows);
  for (let left = count; left > 0; ) {
    const user = positionIn(matrix.offsets, random.below(matrix.indices.length));
    if (counts[user]! >= free[user]!) continue;
    counts[user]!++;
    left--;
  }
  return counts;
}

/** `counts[user]` distinct items for each user, none of them a real pair. */
function unseenPairs(real: SparseMatrix, counts: Uint32Array, draw: () => number): Pairs {
  const pairs: Pairs = { users: [], items: [] };
  const taken = new Marks(real.columns);
  for (let user = 0; user < counts.length; user++) {
    if (counts[user] === 0) continue;
    taken.clear();
    for (let entry = real.offsets[user]!; entry < real.offsets[user + 1]!; entry++) {
      taken.add(real.indices[entry]!);
    }
    for (let left = counts[user]!; left > 0; ) {
      const item = draw();
      if (!taken.add(item)) continue;
      pairs.users.push(user);
      pairs.items.push(item);
      left--;
    }
  }
  return pairs;
}

/** Marks `count` random entries, no more of a user than there are free items. */
function replacedEntries(matrix: SparseMatrix, count: number, free: Uint32Array, random: Random): Uint8Array {
  const order = shuffle(
    Uint32Array.from(matrix.indices, (_, entry) => entry),
    random,
  );
  const replaced = new Uint8Array(order.length);
  let left = count;
  for (const entry of order) {
    if (left === 0) break;
    const user = positionIn(matrix.offsets, entry);
    if (free[user] === 0) continue;
    free[user]!--;
    replaced[entry] = 1;
    left--;
  }
  if (left > 0) throw tooFewPairs(count, count - left);
  return replaced;
}

/** The interactions with rows for the bots, and how many clicks each user is to get. */
function withBots(
  interactions: Interactions,
  count: number,
): { extended: Interactions; counts: Uint32Array } {
  const { matrix } = interactions;
  const most = Math.max(1, Math.floor(matrix.columns / 2));
  const bots = Math.min(count, Math.max(3, Math.ceil(count / most)));
  const users = new Ids(interactions.users);
  for (let number = 1; users.size < matrix.rows + bots; number++) users.add(`bot-${number}`);
  const offsets = new Uint32Array(users.size + 1).fill(matrix.indices.length);
  offsets.set(matrix.offsets);
  const counts = new Uint32Array(users.size);
  for (let click = 0; click < count; click++) counts[matrix.rows + (click % bots)]!++;
  return {
    extended: new Interactions(users, interactions.items, { ...matrix, rows: users.size, offsets }),
    counts,
  };
}

/** Random items, each with random users that have interactions but not this one. */
function burstPairs(matrix: SparseMatrix, real: SparseMatrix, count: number, random: Random): Pairs {
  const pairs: Pairs = { users: [], items: [] };
  const active = Uint32Array.from({ length: matrix.rows }, (_, user) => user).filter(
    (user) => rowLength(matrix, user) > 0,
  );
  const share = Math.min(Math.ceil(count / 3), Math.ceil(active.length / 2));
  const items = shuffle(
    Uint32Array.from({ length: matrix.columns }, (_, item) => item),
    random,
  );
  let left = count;
  for (const item of items) {
    if (left === 0) break;
    const free = shuffle(
      active.filter((user) => findEntry(real, user, item) < 0),
      random,
    );
    for (const user of free.subarray(0, Math.min(share, left))) {
      pairs.users.push(user);
      pairs.items.push(item);
    }
    left = count - pairs.users.length;
  }
  if (left > 0) throw tooFewPairs(count, count - left);
  return pairs;
}

/** Pairs random users until the clicks that are new to an account come to `count`; a pair that would go beyond is left out. */
function mergedAccounts(matrix: SparseMatrix, real: SparseMatrix, count: number, random: Random) {
  const accounts = Uint32Array.from({ length: matrix.rows }, (_, user) => user);
  const pairs: Pairs = { users: [], items: [] };
  const active = accounts.filter((user) => rowLength(matrix, user) > 0);
  const order = shuffle(active, random);
  for (let index = 0; index + 1 < order.length && pairs.users.length < count; index += 2) {
    const [account, other] = [order[index]!, order[index + 1]!];
    const fresh = matrix.indices
      .subarray(matrix.offsets[other], matrix.offsets[other + 1])
      .filter((item) => findEntry(real, account, item) < 0);
    if (pairs.users.length + fresh.length > count) continue;
    accounts[other] = account;
    for (const item of fresh) {
      pairs.users.push(account);
      pairs.items.push(item);
    }
  }
  return { accounts, pairs };
}

/** The row of each entry. */
function positionsOf({ rows, offsets, indices }: SparseMatrix): Uint32Array {
  const positions = new Uint32Array(indices.length);
  for (let row = 0; row < rows; row++) positions.fill(row, offsets[row], offsets[row + 1]);
  return positions;
}

function rowLength(matrix: SparseMatrix, row: number): number {
  return matrix.offsets[row + 1]! - matrix.offsets[row]!;
}

function tooFewPairs(count: number, room: number): RangeError {
  return new RangeError(
    `${count} noise interactions were asked for, but there is room for ${room}; lower the rate.`,
  );
}
