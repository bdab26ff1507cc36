import type { Interactions } from "../interactions/interactions.ts";
import { writeRows } from "../io/write-rows.ts";
import { findEntry } from "../linalg/sparse.ts";
import type { Recommender } from "../models/recommender.ts";
import type { Scores } from "../scores.ts";
import type { Matching } from "../transport/match.ts";
import { type Flag, flaggedInteractions } from "./evidence.ts";
import { type Label, labelAt } from "./label.ts";
import type { DenoiseSettings, Objective } from "./prorec.ts";
import { noiseFlags } from "./relabel.ts";
import { denoisedTable } from "./table.ts";

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

  constructor(
    parts: Omit<Denoised, "noise" | "flaggedCount" | "interactions" | "labelOf" | "flagged" | "write">,
  ) {
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

  /**
   * Writes every interaction with its label; CSV, TSV, NDJSON or Parquet by the extension.
   * @throws ProRecError UNSUPPORTED_FORMAT, UNWRITABLE_FILE; no partial file is left
   */
  async write(path: string): Promise<void> {
    const { columns, rows } = denoisedTable(this);
    await writeRows(path, columns, rows);
  }

  /** The flagged interactions with evidence, worst first: smallest match relative to the threshold. */
  flagged(options: { limit?: number } = {}): Generator<Flag> {
    return flaggedInteractions(this, options.limit ?? Infinity);
  }
}
