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

/** All that a denoise found out. */
export interface DenoiseOutcome {
  /** The interactions that came in; arrays below run in their row order. */
  readonly input: Interactions;
  /** The model that was fitted; undefined where embeddings were given. */
  readonly model: Recommender | undefined;
  readonly settings: DenoiseSettings;
  /** Scores of the last fit. */
  readonly scores: Scores;
  readonly matching: Matching;
  /** r of Eq. 22 in the last round. */
  readonly relevance: Float32Array;
  /** Eq. 23's new value as a factor of the input's. */
  readonly weights: Float32Array;
  /** 1 where the match lies below the user's threshold. */
  readonly noise: Uint8Array;
  readonly objective: readonly Objective[];
  readonly seconds: { readonly fit: number; readonly transport: number };
}
