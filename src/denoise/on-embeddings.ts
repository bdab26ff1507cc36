import { ProRecError } from "../errors.ts";
import type { Ids } from "../interactions/ids.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { onIds } from "../interactions/unite.ts";
import type { Embeddings } from "../io/embeddings.ts";
import { printable } from "../io/printable.ts";
import type { FactorScores } from "../scores.ts";

/**
 * The interactions over all users and items that have an embedding, in the embeddings' order.
 * @throws ProRecError SHAPE_MISMATCH naming the first id of the log without one
 */
export function onEmbeddings(interactions: Interactions, { users, items }: Embeddings): Interactions {
  assertEmbedded(interactions.users, users.ids, "user");
  assertEmbedded(interactions.items, items.ids, "item");
  return onIds(interactions, users.ids, items.ids);
}

function assertEmbedded(ids: Ids, embedded: Ids, side: "user" | "item"): void {
  for (const id of ids) {
    if (embedded.indexOf(id) >= 0) continue;
    throw new ProRecError(
      "SHAPE_MISMATCH",
      `The log has ${side} "${printable(id)}", but the embeddings have none.`,
      {
        details: { column: side, value: id },
        hint: `Give every ${side} of the log a row, and name the rows with --${side}-ids (one id a line); without it they are called 0, 1, 2, ...`,
      },
    );
  }
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
