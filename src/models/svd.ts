import type { Interactions } from "../interactions/interactions.ts";
import { randomizedSvd } from "../linalg/randomized-svd.ts";
import { withSparseProducts } from "../linalg/sparse-products.ts";
import { factorPredictions, projected } from "./factor-predictions.ts";
import { type FitOptions, FittedRecommender, type Learned, type Recommender } from "./recommender.ts";

/**
 * PureSVD (Cremonesi, Koren & Turrin 2010): scores (X V) V^T with V the leading right singular vectors of X.
 * Weights are X's values.
 */
export class Svd implements Recommender {
  readonly name = "svd";
  readonly regularization = 0;
  readonly parameters: { readonly factors: number; readonly iterations: number; readonly seed: number };

  constructor(options: { factors?: number; iterations?: number; seed?: number } = {}) {
    const { factors = 100, iterations = 7, seed = 1 } = options;
    this.parameters = { factors, iterations, seed };
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const { factors, iterations, seed } = this.parameters;
    const { matrix } = interactions;
    const { rank, right } = await randomizedSvd(matrix, { ...options, rank: factors, iterations, seed });
    const userFactors = await withSparseProducts(matrix, rank, options, (products) =>
      products.timesRounded(right, rank),
    );
    return this.restore(interactions, { userFactors, itemFactors: Float32Array.from(right) });
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    const { userFactors, itemFactors } = learned as Record<string, Float32Array>;
    const rank = itemFactors!.length / interactions.items.size;
    const pair = { rank, userFactors: userFactors!, itemFactors: itemFactors! };
    return new FittedRecommender(
      this,
      interactions,
      learned,
      factorPredictions(interactions.matrix, pair, (profile) => projected(profile, pair.itemFactors, rank)),
    );
  }
}
