import { Interactions, mergeInteractions } from "../dist/index.js";
import { findEntry, sparseFromPairs } from "../dist/linalg/sparse.js";
import { randomFor } from "../dist/random.js";

/** As `corrupt`, but everyone is as likely to make a noisy click, however few clicks they have. */
export function amongUsers(log, { kind, rate, seed, avoid }) {
  const random = randomFor(seed, `among-users/${kind}`);
  const { matrix } = log;
  const known = mergeInteractions(log, avoid).matrix;
  const active = [...log.userCounts().keys()].filter(
    (user) => matrix.offsets[user] < matrix.offsets[user + 1],
  );
  const count = Math.round(rate * log.size);
  const taken = new Set();
  while (taken.size < count) {
    const user = active[random.below(active.length)];
    const item = kind === "popular" ? matrix.indices[random.below(log.size)] : random.below(matrix.columns);
    if (findEntry(known, user, item) < 0) taken.add(user * matrix.columns + item);
  }
  const pairs = [...taken];
  const noise = sparseFromPairs(
    matrix.rows,
    matrix.columns,
    Uint32Array.from(pairs, (pair) => Math.floor(pair / matrix.columns)),
    Uint32Array.from(pairs, (pair) => pair % matrix.columns),
  );
  const interactions = mergeInteractions(log, new Interactions(log.users, log.items, noise));
  const flags = new Uint8Array(interactions.size);
  const noisy = interactions.matrix;
  for (let user = 0; user < noisy.rows; user++) {
    for (let entry = noisy.offsets[user]; entry < noisy.offsets[user + 1]; entry++) {
      if (findEntry(noise, user, noisy.indices[entry]) >= 0) flags[entry] = 1;
    }
  }
  return { interactions, noise: flags };
}
