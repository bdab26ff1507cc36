import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { denoisingAutoencoder } from "./network/denoising-autoencoder.ts";
import { assertTraining, type TrainingOptions } from "./network/options.ts";
import { fitRecommender, restoredRecommender } from "./network/recommender.ts";
import type { FitOptions, FittedRecommender, Learned, Recommender } from "./recommender.ts";

export interface CdaeOptions extends Partial<Omit<TrainingOptions, "klWeight" | "annealing">> {
  /** Numbers an embedding; default 100. */
  readonly factors?: number;
}

/**
 * CDAE (Wu, DuBois, Zheng & Ester 2016): embedding = relu(corrupt(x) W + the user's own row + b), a sigmoid for each item,
 * cross-entropy over all items (or `negatives` drawn for each interaction), Adam.
 * An interaction's weight is its input and multiplies its term of the loss. Scores are logits. `loss` takes the
 * denoising losses T-CE and R-CE. A new user has no row of its own.
 */
export class Cdae implements Recommender {
  readonly name = "cdae";
  readonly regularization: number;
  readonly parameters: { readonly factors: number } & Omit<TrainingOptions, "klWeight" | "annealing">;

  /** @throws RangeError for a hyper-parameter out of its range */
  constructor(options: CdaeOptions = {}) {
    this.parameters = {
      ...{ factors: 100, epochs: 100, patience: 5, validation: 0.1, batchSize: 100, learningRate: 0.002 },
      ...{ regularization: 0.001, dropout: 0.5, negatives: 0 },
      ...{ loss: "ce", dropRate: 0.1, dropSchedule: 200, exponent: 0.25, seed: 1 },
      ...options,
    };
    assertTraining(this.parameters);
    this.regularization = this.parameters.regularization;
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const { negatives } = this.parameters;
    if (negatives >= interactions.items.size) {
      throw new ProRecError(
        "TOO_LARGE",
        `${negatives} negatives for each interaction are not to be had: there are ${interactions.items.size} items.`,
        { details: { value: String(negatives) }, hint: "0 negatives take all other items." },
      );
    }
    const training = { ...this.parameters, klWeight: 0, annealing: 1 };
    return fitRecommender(this, this.#architecture(), training, interactions, options);
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    return restoredRecommender(this, this.#architecture(), interactions, learned);
  }

  #architecture() {
    return denoisingAutoencoder(this.parameters.factors);
  }
}
