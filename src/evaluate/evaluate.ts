import type { Interactions } from "../interactions/interactions.ts";
import type { FittedRecommender } from "../models/recommender.ts";
import { type EvaluateUsersOptions, evaluateUsers, type UserMetrics } from "./ranking.ts";

/** A fitted model's means over the users with a test item, with every user's own values. */
export interface Evaluation extends UserMetrics {
  readonly means: Readonly<Record<string, number>>;
}

/**
 * Ranks the items that the model was not fitted on and compares the top k (5) with the test interactions, which stand
 * on the same ids, as those of `splitInteractions` do.
 */
export async function evaluate(
  model: FittedRecommender,
  test: Interactions,
  options: EvaluateUsersOptions = {},
): Promise<Evaluation> {
  const evaluation = await evaluateUsers(model.scores, model.interactions.matrix, test.matrix, options);
  const means = Object.fromEntries(
    Object.entries(evaluation.values).map(([metric, values]) => [metric, mean(values)]),
  );
  return { ...evaluation, means };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
