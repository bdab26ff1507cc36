import type { Interactions } from "../interactions/interactions.ts";
import { randomFor, shuffle } from "../random.ts";

// Logs with other weights: what the gate compares, and the controls that know nothing of noise or of users.

/** The log without a random share of its clicks, the others' weights raised to the same mean. */
export function randomlyRemoved(log: Interactions, share: number, seed: number): Interactions {
  const removed = Math.round(share * log.size);
  const weights = new Float32Array(log.size).fill(log.size / (log.size - removed));
  weights.fill(0, 0, removed);
  return log.withWeights(shuffle(weights, randomFor(seed, "random-removal")));
}

/** Each user's weights dealt out at random among the user's own clicks. */
export function dealtWithinUsers(log: Interactions, weights: Float32Array, seed: number): Interactions {
  const random = randomFor(seed, "gate-shuffled");
  const dealt = weights.slice();
  const { offsets, rows } = log.matrix;
  for (let user = 0; user < rows; user++) {
    shuffle(dealt.subarray(offsets[user], offsets[user + 1]), random);
  }
  return log.withWeights(dealt);
}

/** n_u^-exponent for each click, at mean 1; with a seed, each user gets a random user's n_u instead of their own. */
export function balanced(log: Interactions, exponent: number, dealtBy?: number): Interactions {
  const { offsets } = log.matrix;
  const own = log.userCounts();
  const active = Uint32Array.from(own.keys()).filter((user) => own[user]! > 0);
  const counts = own.slice();
  if (dealtBy !== undefined) {
    const givers = shuffle(active.slice(), randomFor(dealtBy, "balance-shuffled"));
    for (const [index, user] of active.entries()) counts[user] = own[givers[index]!]!;
  }
  const weights = new Float32Array(log.size);
  for (const user of active) weights.fill(counts[user]! ** -exponent, offsets[user], offsets[user + 1]);
  const level = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return log.withWeights(weights.map((weight) => weight / level));
}
