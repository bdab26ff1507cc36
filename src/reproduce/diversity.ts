import type { Interactions } from "../interactions/interactions.ts";
import { transpose } from "../linalg/sparse.ts";
import type { Film } from "./films.ts";

/**
 * How unlike each user's items are: 1 - the mean cosine between two of them, cosines of the items' users. It needs no
 * model. NaN for a user with fewer than two items.
 */
export function itemDiversity({ matrix }: Interactions): Float64Array {
  const items = transpose(matrix);
  const sum = new Float64Array(matrix.rows);
  return Float64Array.from({ length: matrix.rows }, (_, user) => {
    const [start, end] = [matrix.offsets[user]!, matrix.offsets[user + 1]!];
    const count = end - start;
    if (count < 2) return Number.NaN;
    sum.fill(0);
    for (let entry = start; entry < end; entry++) {
      const item = matrix.indices[entry]!;
      const [first, last] = [items.offsets[item]!, items.offsets[item + 1]!];
      const share = 1 / Math.sqrt(last - first);
      for (let at = first; at < last; at++) sum[items.indices[at]!]! += share;
    }
    let square = 0;
    for (const value of sum) square += value * value;
    return 1 - (square - count) / (count * (count - 1));
  });
}

/** How many genres each user's films spread over: exp of the entropy of the genres' shares. */
export function genreDiversity(log: Interactions, films: ReadonlyMap<string, Film>): Float64Array {
  const { offsets, indices } = log.matrix;
  return Float64Array.from({ length: log.users.size }, (_, user) => {
    const counts = new Map<string, number>();
    for (const item of indices.subarray(offsets[user], offsets[user + 1])) {
      for (const genre of films.get(log.items.at(item))?.genres ?? []) {
        counts.set(genre, (counts.get(genre) ?? 0) + 1);
      }
    }
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    let entropy = 0;
    for (const count of counts.values()) entropy -= (count / all) * Math.log(count / all);
    return Math.exp(entropy);
  });
}
