import { ProRecError } from "../errors.ts";
import type { Ids } from "../interactions/ids.ts";
import { Interactions } from "../interactions/interactions.ts";
import type { Embeddings } from "../io/embeddings.ts";
import { printable } from "../io/printable.ts";
import { sparseFromPairs } from "../linalg/sparse.ts";
import type { FactorScores } from "../scores.ts";

/**
 * The interactions over all users and items that have an embedding, in the embeddings' order.
 * @throws ProRecError SHAPE_MISMATCH naming the first id of the log without one
 */
export function onEmbeddings(interactions: Interactions, embeddings: Embeddings): Interactions {
  const users = positions(interactions.users, embeddings.users.ids, "user");
  const items = positions(interactions.items, embeddings.items.ids, "item");
  const { offsets, indices, values } = interactions.matrix;
  const rowOf = new Uint32Array(indices.length);
  for (let user = 0; user < users.length; user++)
    rowOf.fill(users[user]!, offsets[user]!, offsets[user + 1]!);
  const columnOf = Uint32Array.from(indices, (item) => items[item]!);
  return new Interactions(
    embeddings.users.ids,
    embeddings.items.ids,
    sparseFromPairs(embeddings.users.ids.size, embeddings.items.ids.size, rowOf, columnOf, values),
  );
}

function positions(ids: Ids, known: Ids, side: "user" | "item"): Uint32Array {
  return Uint32Array.from(ids, (id) => {
    const position = known.indexOf(id);
    if (position >= 0) return position;
    throw new ProRecError(
      "SHAPE_MISMATCH",
      `The log has ${side} "${printable(id)}", but the embeddings have none.`,
      {
        details: { column: side, value: id },
        hint: `Give every ${side} of the log a row, and name the rows with --${side}-ids (one id a line); without it they are called 0, 1, 2, ...`,
      },
    );
  });
}

/** The embeddings' inner products as scores. */
export function scoresOf({ users, items, rank }: Embeddings): FactorScores {
  return {
    kind: "factors",
    users: users.ids.size,
    items: items.ids.size,
    rank,
    userFactors: users.factors,
    itemFactors: items.factors,
  };
}
