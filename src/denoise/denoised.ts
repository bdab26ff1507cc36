import type { Interactions } from "../interactions/interactions.ts";
import { writeRows } from "../io/write-rows.ts";
import { findEntry } from "../linalg/sparse.ts";
import type { Recommender } from "../models/recommender.ts";
import type { Scores } from "../scores.ts";
import type { Matching } from "../transport/match.ts";
import { type Flag, flaggedInteractions } from "./evidence.ts";
import { type Label, labelAt } from "./label.ts";
import type { DenoiseOutcome, Objective } from "./outcome.ts";
import type { DenoiseSettings } from "./settings.ts";
import { denoisedTable } from "./table.ts";

/** The result of `denoise`: a weight, a verdict and its reasons for every interaction. */
export class Denoised implements DenoiseOutcome {
  readonly input: Interactions;
  readonly model: Recommender | undefined;
  readonly settings: DenoiseSettings;
  readonly scores: Scores;
  readonly matching: Matching;
  readonly relevance: Float32Array;
  readonly weights: Float32Array;
  readonly noise: Uint8Array;
  readonly objective: readonly Objective[];
  readonly seconds: { readonly fit: number; readonly transport: number };

  constructor(outcome: DenoiseOutcome) {
    this.input = outcome.input;
    this.model = outcome.model;
    this.settings = outcome.settings;
    this.scores = outcome.scores;
    this.matching = outcome.matching;
    this.relevance = outcome.relevance;
    this.weights = outcome.weights;
    this.noise = outcome.noise;
    this.objective = outcome.objective;
    this.seconds = outcome.seconds;
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
    return flaggedInteractions(this, options.limit);
  }
}
