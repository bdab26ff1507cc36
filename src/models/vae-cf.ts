import type { Interactions } from "../interactions/interactions.ts";
import { assertTraining, type TrainingOptions } from "./network/options.ts";
import { fitRecommender, restoredRecommender } from "./network/recommender.ts";
import { variationalAutoencoder } from "./network/variational-autoencoder.ts";
import type { FitOptions, FittedRecommender, Learned, Recommender } from "./recommender.ts";

export interface VaeCfOptions extends Partial<Omit<TrainingOptions, "negatives">> {
  /** Numbers an embedding; default 100. */
  readonly factors?: number;
  /** Width of a tanh layer on both sides of the embedding; default 0, none. */
  readonly hidden?: number;
}

/**
 * VAE-CF (Liang, Krishnan, Hoffman & Jebara 2018): multinomial likelihood, dropout on inputs of length 1, a
 * Kullback-Leibler divergence whose weight grows to `klWeight` over `annealing` epochs, Adam.
 * An interaction's weight is its input and multiplies its term of the loss. Scores are logits. `loss` takes the
 * denoising losses T-CE and R-CE, over the softmax's probabilities.
 */
export class VaeCf implements Recommender {
  readonly name = "vae-cf";
  readonly regularization: number;
  readonly parameters: { readonly factors: number; readonly hidden: number } & Omit<
    TrainingOptions,
    "negatives"
  >;

  /** @throws RangeError for a hyper-parameter out of its range */
  constructor(options: VaeCfOptions = {}) {
    this.parameters = {
      ...{ factors: 100, hidden: 0, epochs: 100, patience: 5, validation: 0.1, batchSize: 100 },
      ...{ learningRate: 0.005, regularization: 0.001, dropout: 0.5, klWeight: 0.2, annealing: 20 },
      ...{ loss: "ce", dropRate: 0.1, dropSchedule: 200, exponent: 0.25, seed: 1 },
      ...options,
    };
    assertTraining(this.parameters);
    this.regularization = this.parameters.regularization;
  }

  fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const training = { ...this.parameters, negatives: 0 };
    return fitRecommender(this, this.#architecture(), training, interactions, options);
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    return restoredRecommender(this, this.#architecture(), interactions, learned);
  }

  #architecture() {
    return variationalAutoencoder(this.parameters.factors, this.parameters.hidden);
  }
}
