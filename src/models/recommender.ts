import type { Interactions } from "../interactions/interactions.ts";
import type { RunOptions } from "../progress.ts";
import type { Scores } from "../scores.ts";

/** A model's hyper-parameters and how to fit it. Values of `interactions.matrix` are the weights it honours. */
export interface Recommender {
  /** The name on the command line, e.g. "nce-plrec". */
  readonly name: string;
  /** The hyper-parameters in effect, as they are reported and stored. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Ridge or L2 strength: zeta of Eq. 2-3. 0 for a model without one. */
  readonly regularization: number;
  fit(interactions: Interactions, options?: RunOptions): Promise<FittedRecommender>;
}
