import type { Interactions } from "../interactions/interactions.ts";
import { findEntry } from "../linalg/sparse.ts";
import type { Recommender } from "../models/recommender.ts";
import type { Scores } from "../scores.ts";
import type { Matching } from "../transport/match.ts";
import { type Flag, flaggedInteractions } from "./evidence.ts";
import type { DenoiseSettings, Objective } from "./prorec.ts";
import { noiseFlags } from "./relabel.ts";

/** What a denoised interaction gets: see `ADDED_COLUMNS`. */
export interface Label {
  readonly weight: number;
  readonly relevance: number;
  readonly match: number;
  readonly threshold: number;
  readonly rank: number;
  readonly noise: 0 | 1;
}

/** The columns that are added to a log, in order. */
export const ADDED_COLUMNS = [
  { name: "weight", kind: "number" },
  { name: "relevance", kind: "number" },
  { name: "match", kind: "number" },
  { name: "threshold", kind: "number" },
  { name: "rank", kind: "integer" },
  { name: "noise", kind: "integer" },
] as const;

/** The result of `denoise`: a weight, a verdict and its reasons for every interaction. */
export class Denoised {
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

  constructor(parts: Omit<Denoised, "noise" | "flaggedCount" | "interactions" | "labelOf" | "flagged">) {
    this.input = parts.input;
    this.model = parts.model;
    this.settings = parts.settings;
    this.scores = parts.scores;
    this.matching = parts.matching;
    this.relevance = parts.relevance;
    this.weights = parts.weights;
    this.objective = parts.objective;
    this.seconds = parts.seconds;
    this.noise = noiseFlags(parts.matching, parts.input.matrix.offsets);
  }

  /** Number of interactions flagged as noise. */
  get flaggedCount(): number {
    let count = 0;
    for (const flag of this.noise) count += flag;
    return count;
  }

  /** The input with its new weights: what to fit a recommender on. */
  get interactions(): Interactions {
    const { values } = this.input.matrix;
    return this.input.withWeights(this.weights.map((weight, entry) => weight * values[entry]!));
  }

  /** The label of one interaction, or undefined for a pair that is none. */
  labelOf(user: string, item: string): Label | undefined {
    const row = this.input.users.indexOf(user);
    const column = this.input.items.indexOf(item);
    if (row < 0 || column < 0) return undefined;
    const entry = findEntry(this.input.matrix, row, column);
    return entry < 0 ? undefined : labelAt(this, row, entry);
  }

  /** The flagged interactions with evidence, worst first: smallest match relative to the threshold. */
  flagged(options: { limit?: number } = {}): Generator<Flag> {
    return flaggedInteractions(this, options.limit ?? Infinity);
  }
}

/** The label of the interaction at position `entry`, which is `user`'s. */
export function labelAt(denoised: Denoised, user: number, entry: number): Label {
  const { matching } = denoised;
  return {
    weight: denoised.weights[entry]!,
    relevance: denoised.relevance[entry]!,
    match: matching.match[entry]!,
    threshold: matching.threshold[user]!,
    rank: matching.rank[entry]!,
    noise: denoised.noise[entry] === 1 ? 1 : 0,
  };
}
