import type { Interactions } from "../interactions/interactions.ts";
import { rowOf } from "../linalg/sparse.ts";
import { breathe } from "../progress.ts";
import type { FittedRecommender, Learned } from "./recommender.ts";

/** What has a row a user, a row an item. */
const ROWS: Readonly<Record<string, "users" | "items">> = {
  userFactors: "users",
  itemFactors: "items",
  projection: "items",
};
/** Users between two breaths. */
const USERS_PER_STEP = 256;

/** Whether `foldIn` takes the model. */
export function foldable({ model, scores }: FittedRecommender): boolean {
  return model.foldItems !== undefined && scores.kind === "factors";
}

/**
 * The model over more interactions without a new fit. `grown` has the known users and items at their positions and new
 * ones after them. The known items are held: `users` (those whose rows changed, and the new) get the factors that they
 * have with these items, new items theirs from all users, then `users` theirs once more with the new items.
 */
export async function foldIn(
  fitted: FittedRecommender,
  grown: Interactions,
  users: Uint32Array,
  signal?: AbortSignal,
): Promise<FittedRecommender> {
  const { model } = fitted;
  const before = { users: fitted.interactions.users.size, items: fitted.interactions.items.size };
  const after = { users: grown.users.size, items: grown.items.size };
  const learned: Record<string, Float32Array> = {};
  for (const [name, array] of Object.entries(fitted.learned as Learned & Record<string, Float32Array>)) {
    const side = ROWS[name];
    if (side === undefined) throw new RangeError(`${model.name} learned ${name}, which can't be folded.`);
    learned[name] = new Float32Array((array.length / before[side]) * after[side]);
    learned[name].set(array);
  }
  const embedUsers = async () => {
    const folded = model.restore(grown, learned);
    const rank = learned.userFactors!.length / after.users;
    for (const [index, user] of users.entries()) {
      if (index % USERS_PER_STEP === 0) await breathe(signal);
      learned.userFactors!.set(folded.embed(rowOf(grown.matrix, user))!, user * rank);
    }
    return folded;
  };
  const folded = await embedUsers();
  if (after.items === before.items) return folded;
  model.foldItems!(grown, learned, before.items);
  return embedUsers();
}
