import { findEntry, keepEntries, sparseFromPairs } from "../linalg/sparse.ts";
import { positionIn } from "./draw.ts";
import { Ids } from "./ids.ts";
import { Interactions } from "./interactions.ts";

/**
 * Two logs over the ids of both, so that one can test a model of the other. The first one's ids keep their
 * positions; those that only the second has come after them.
 */
export function overSameIds(first: Interactions, second: Interactions): [Interactions, Interactions] {
  const users = united(first.users, second.users);
  const items = united(first.items, second.items);
  return [onIds(first, users, items), onIds(second, users, items)];
}

function united(first: Ids, second: Ids): Ids {
  const all = new Ids(first);
  for (const id of second) all.add(id);
  return all;
}

/** The interactions whose pair `others`, which stand on the same ids, do not have. */
export function without(interactions: Interactions, others: Interactions): Interactions {
  const { users, items, matrix } = interactions;
  const kept = keepEntries(matrix, (entry) => {
    return findEntry(others.matrix, positionIn(matrix.offsets, entry), matrix.indices[entry]!) < 0;
  });
  return new Interactions(users, items, kept);
}

/** The same interactions in a table whose ids include theirs. */
export function onIds(interactions: Interactions, users: Ids, items: Ids): Interactions {
  const { offsets, indices, values } = interactions.matrix;
  const rowOf = new Uint32Array(indices.length);
  for (const [user, position] of positionsIn(users, interactions.users).entries()) {
    rowOf.fill(position, offsets[user], offsets[user + 1]);
  }
  const itemPositions = positionsIn(items, interactions.items);
  const columnOf = Uint32Array.from(indices, (item) => itemPositions[item]!);
  return new Interactions(users, items, sparseFromPairs(users.size, items.size, rowOf, columnOf, values));
}

function positionsIn(all: Ids, ids: Ids): Uint32Array {
  return Uint32Array.from(ids, (id) => {
    const position = all.indexOf(id);
    if (position < 0) throw new RangeError(`There is no position for the id "${id}".`);
    return position;
  });
}
