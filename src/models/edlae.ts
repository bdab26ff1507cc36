import type { Interactions } from "../interactions/interactions.ts";
import { fitItemRegression, itemRegressionPredictions } from "./item-regression.ts";
import { type FitOptions, FittedRecommender, type Learned, type Recommender } from "./recommender.ts";

/**
 * EDLAE of full rank (Steck 2020, "Autoencoders that don't overfit towards the identity"): EASE whose ridge for item j
 * is dropout / (1 - dropout) (X^T X)_jj + regularization, what dropping that share of the input at random amounts to.
 * Weights are X's values.
 */
export class Edlae implements Recommender {
  readonly name = "edlae";
  readonly regularization: number;
  readonly parameters: { readonly regularization: number; readonly dropout: number };

  constructor(options: { regularization?: number; dropout?: number } = {}) {
    const { regularization = 100, dropout = 0.5 } = options;
    if (!(regularization > 0)) {
      throw new RangeError(`edlae's regularization is ${regularization}; it must be above 0.`);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new RangeError(`edlae's dropout is ${dropout}; it must be from 0 to below 1.`);
    }
    this.regularization = regularization;
    this.parameters = { regularization, dropout };
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const { regularization, dropout } = this.parameters;
    const { indices, values } = interactions.matrix;
    const ridges = new Float64Array(interactions.items.size).fill(regularization);
    for (const [entry, item] of indices.entries()) {
      ridges[item]! += (dropout / (1 - dropout)) * values[entry]! ** 2;
    }
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
