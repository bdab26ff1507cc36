import { Interactions } from "../../interactions/interactions.ts";
import { keepEntries } from "../../linalg/sparse.ts";
import { randomFor, shuffle } from "../../random.ts";

/** The whole rows of random users, as many as have about `most` interactions together; the log itself if it has no more. */
export function sampleUsers(log: Interactions, most: number, seed: number): Interactions {
  if (log.size <= most) return log;
  const counts = log.userCounts();
  const order = shuffle(Uint32Array.from(counts.keys()), randomFor(seed, "sample-users"));
  const isChosen = new Uint8Array(counts.length);
  let size = 0;
  for (const user of order) {
    if (size >= most) break;
    isChosen[user] = 1;
    size += counts[user]!;
  }
  const entryUsers = new Uint8Array(log.size);
  for (const [user, chosen] of isChosen.entries()) {
    if (chosen === 1) entryUsers.fill(1, log.matrix.offsets[user], log.matrix.offsets[user + 1]);
  }
  return new Interactions(
    log.users,
    log.items,
    keepEntries(log.matrix, (entry) => entryUsers[entry] === 1),
  );
}
