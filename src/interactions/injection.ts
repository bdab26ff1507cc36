import { findEntry } from "../linalg/sparse.ts";
import { randomFor } from "../random.ts";
import type { Corrupted } from "./corrupt.ts";
import type { Interactions } from "./interactions.ts";

/** A user and an item, by their external ids. */
export type Pair = readonly [user: string, item: string];

/** What happens to a row: rows with these pairs and its other cells come after it, or `instead` of it. */
export interface RowChange {
  readonly instead: boolean;
  readonly pairs: readonly Pair[];
}

/** Where in a log the injected pairs go. */
export interface Injection {
  /** All of them. */
  readonly pairs: readonly Pair[];
  /** Those that come after the first row of this pair, or `instead` of every row of it. For one pass over the log. */
  changeOf(user: string, item: string): RowChange | undefined;
}

/**
 * Deals the noise of `corrupted` out to the interactions that were there. Under `replace` a removed interaction gives
 * way to an injected one of the same user; under `merged` every interaction of an account that ends becomes the other
 * account's, in its place; under the other kinds an injected one comes after a random interaction
 * of the same user, or of anyone for a user who had none.
 */
export function injectionInto(interactions: Interactions, corrupted: Corrupted, seed: number): Injection {
  if (corrupted.accounts !== undefined) return mergedInto(interactions, corrupted, corrupted.accounts);
  const { matrix, users, items } = interactions;
  const { interactions: noisy, noise, removed } = corrupted;
  const random = randomFor(seed, "injection");
  const pairs: Pair[] = [];
  const dealt = new Map<number, Pair[]>();
  for (let user = 0; user < noisy.users.size; user++) {
    const known = user < matrix.rows && matrix.offsets[user]! < matrix.offsets[user + 1]!;
    const start = known ? matrix.offsets[user]! : 0;
    const end = known ? matrix.offsets[user + 1]! : matrix.indices.length;
    let next = removed?.offsets[user] ?? 0;
    for (let entry = noisy.matrix.offsets[user]!; entry < noisy.matrix.offsets[user + 1]!; entry++) {
      if (noise[entry] === 0) continue;
      const pair: Pair = [noisy.users.at(user), noisy.items.at(noisy.matrix.indices[entry]!)];
      const place = removed
        ? findEntry(matrix, user, removed.indices[next++]!)
        : start + random.below(end - start);
      pairs.push(pair);
      dealt.set(place, [...(dealt.get(place) ?? []), pair]);
    }
  }
  return {
    pairs,
    changeOf(user, item) {
      const row = users.indexOf(user);
      const column = items.indexOf(item);
      const entry = row < 0 || column < 0 ? -1 : findEntry(matrix, row, column);
      const own = dealt.get(entry);
      if (own === undefined) return undefined;
      if (!removed) dealt.delete(entry);
      return { instead: removed !== undefined, pairs: own };
    },
  };
}

function mergedInto(
  { users }: Interactions,
  { interactions: noisy, noise }: Corrupted,
  accounts: Uint32Array,
): Injection {
  const pairs: Pair[] = [];
  const { offsets, indices } = noisy.matrix;
  for (let user = 0; user < noisy.users.size; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      if (noise[entry] === 1) pairs.push([noisy.users.at(user), noisy.items.at(indices[entry]!)]);
    }
  }
  return {
    pairs,
    changeOf(user, item) {
      const row = users.indexOf(user);
      const account = row < 0 ? row : accounts[row]!;
      return account === row ? undefined : { instead: true, pairs: [[users.at(account), item]] };
    },
  };
}
