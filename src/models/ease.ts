import type { Interactions } from "../interactions/interactions.ts";
import { fitItemRegression, itemRegressionPredictions } from "./item-regression.ts";
import { type FitOptions, FittedRecommender, type Learned, type Recommender } from "./recommender.ts";

/**
 * EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data"): every item is predicted from all others by
 * ridge regression, scores X B with B's diagonal 0, in closed form on the smaller side of X. Weights are X's values.
 */
export class Ease implements Recommender {
  readonly name = "ease";
  readonly regularization: number;
  readonly parameters: { readonly regularization: number };

  constructor({ regularization = 100 }: { regularization?: number } = {}) {
    if (!(regularization > 0)) {
      throw new RangeError(`ease's regularization is ${regularization}; it must be above 0.`);
    }
    this.regularization = regularization;
    this.parameters = { regularization };
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const ridges = new Float64Array(interactions.items.size).fill(this.regularization);
    return this.restore(interactions, await fitItemRegression(interactions, ridges, options));
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    return new FittedRecommender(
      this,
      interactions,
      learned,
      itemRegressionPredictions(interactions.matrix, learned),
    );
  }
}
