import type { Interactions } from "../interactions/interactions.ts";
import { maskSeen, topItems } from "../models/top-items.ts";
import { defaultThreads } from "../parallel/crew.ts";
import type { RunOptions } from "../progress.ts";
import { fillScores, type Scores } from "../scores.ts";
import type { Decisions } from "./decisions.ts";
import type { Explored } from "./explored.ts";
import type { RecommendationLists, Recommended } from "./messages.ts";

const LENGTH = 10;

/** What would be recommended, before and after. */
export interface Recommending {
  lists(user: number): RecommendationLists;
  /** Fits the model to the new weights; false if there is none. */
  refit(options: RunOptions): Promise<boolean>;
}

export function recommending(explored: Explored, decisions: Decisions): Recommending {
  const { input, scores, model, titles } = explored;
  let after: { readonly scores: Scores; readonly version: number } | undefined;
  const best = (scores: Scores, user: number): Recommended[] => {
    const row = new Float32Array(scores.items);
    fillScores(scores, user, user + 1, row);
    maskSeen(input.matrix, user, row);
    return topItems(row, LENGTH).map((item) => ({ item, id: input.items.at(item), title: titles(item) }));
  };
  return {
    lists: (user) => ({
      before: scores === undefined ? [] : best(scores, user),
      after: after?.version === decisions.version ? best(after.scores, user) : null,
      cannot:
        model === undefined ? "The embeddings came from elsewhere: there is no model to fit again." : null,
    }),
    async refit(options) {
      if (model === undefined) return false;
      const { version } = decisions;
      const fitted = await model.fit(decided(explored, decisions), { ...options, threads: defaultThreads() });
      after = { scores: fitted.scores, version };
      return true;
    },
  };
}

/** The input with its new weights; 1 for what is kept by hand, and without what is removed by hand. */
function decided({ input, weights }: Explored, { made }: Decisions): Interactions {
  const values = weights.map((weight, entry) => weight * input.matrix.values[entry]!);
  for (const [entry, decision] of made) values[entry] = decision === "keep" ? input.matrix.values[entry]! : 0;
  return input.withWeights(values);
}
