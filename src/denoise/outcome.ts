import type { Interactions } from "../interactions/interactions.ts";
import type { Recommender } from "../models/recommender.ts";
import type { Scores } from "../scores.ts";
import type { Matching } from "../transport/match.ts";
import type { DenoiseSettings } from "./settings.ts";

/** One round's course: Eq. 26 after the fit and after the relabelling, and <M, pi> + gamma H(pi) between them. */
export interface Objective {
  readonly afterFit: number;
  readonly afterRelabel: number;
  readonly transportCost: number;
}

/** What every row is labelled from, in any mode. */
export interface Labelled {
  /** The interactions that came in; arrays below run in their row order. */
  readonly input: Interactions;
  readonly matching: Pick<Matching, "match" | "rank" | "threshold">;
  /** r of Eq. 22 in the last round; in calibrated mode the probability that the click is no accident. */
  readonly relevance: Float32Array;
  /** The new value as a factor of the input's (Eq. 23 in paper mode). */
  readonly weights: Float32Array;
  /** 1 where the match lies below the user's threshold. */
  readonly noise: Uint8Array;
}

/** All that a denoise found out. */
export interface DenoiseOutcome extends Labelled {
  /** The model that was fitted; undefined where embeddings were given. */
  readonly model: Recommender | undefined;
  readonly settings: DenoiseSettings;
  /** Scores of the last fit. */
  readonly scores: Scores;
  readonly matching: Matching;
  readonly objective: readonly Objective[];
  readonly seconds: { readonly fit: number; readonly transport: number };
}
