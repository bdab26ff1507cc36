import { type DenoiseOptions, denoise } from "../denoise/prorec.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import { ProRecError, type ProRecErrorCode } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { mergeInteractions, splitInteractions } from "../interactions/split.ts";
import { createModel, type ModelName, type ModelOptions } from "../models/models.ts";
import type { Recommender } from "../models/recommender.ts";
import { type RunOptions, throwIfAborted } from "../progress.ts";
import type { Scores } from "../scores.ts";
import type { SplitShares } from "./compare.ts";
import type { Point } from "./coordinate-search.ts";
import { evaluate } from "./evaluate.ts";
import type { MetricName } from "./metrics.ts";

/** One point of the search and what it is worth. */
export interface Trial {
  /** The model's hyper-parameters: those searched and those given. */
  readonly parameters: Point;
  /** gamma, beta and lambda; null for the model as it is. */
  readonly denoise: Point | null;
  /** The metric on validation, mean over the runs; null where it could not run. */
  readonly value: number | null;
  /** The value of each run. */
  readonly runs: readonly number[];
  /** Why it could not run. */
  readonly failure: { readonly code: ProRecErrorCode; readonly message: string } | null;
}

/** What a trial's value depends on beside its point, and what becomes of trials. */
export interface TrialOptions extends RunOptions, Pick<DenoiseOptions, "threads" | "engine"> {
  readonly model: ModelName;
  /** Hyper-parameters that are not searched but have these values. */
  readonly parameters?: Omit<ModelOptions, "seed">;
  /**
   * Also search gamma, beta and lambda for the best hyper-parameters found, on the same validation rows. Settings given
   * here are not searched.
   */
  readonly denoise?: Partial<DenoiseSettings> | undefined;
  /** Cuts into training and validation, over which a trial's value is averaged; default 3. */
  readonly runs?: number;
  readonly seed?: number;
  /** How the log is cut; default global, 5:2:3. Test rows are those of `compare`'s first run and are never looked at. */
  readonly split?: { readonly by: "global" | "user"; readonly shares: SplitShares };
  /** Default "ndcg". */
  readonly metric?: MetricName;
  /** Length of the rankings; default 5. */
  readonly k?: number;
  /** Trials of an earlier call with the same options: their values are taken, not computed. */
  readonly finished?: readonly Trial[];
  /** Told of every trial before the next starts; `taken` where it is one of `finished`. */
  readonly onTrial?: (trial: Trial, taken: boolean) => void | Promise<void>;
}

/** Makes trials, or takes them from those finished, and tells of them; progress is towards `most` trials. */
export function trialsOn(interactions: Interactions, options: TrialOptions & { runs: number }, most: number) {
  const { finished = [], runs, onTrial, onProgress } = options;
  const known = new Map(finished.map((trial) => [keyOf(trial.parameters, trial.denoise), trial]));
  const cut = cutter(interactions, options);
  const total = most * runs;
  let done = 0;

  const made = async (parameters: Point, settings: Point | null): Promise<Trial> => {
    const values: number[] = [];
    try {
      for (let run = 0; run < runs; run++) {
        onProgress?.({ stage: "tune", done: done * runs + run, total });
        values.push(await onValidation(cut(run), parameters, settings, options));
      }
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      return { parameters, denoise: settings, value: null, runs: [], failure };
    }
    const value = values.reduce((sum, each) => sum + each) / runs;
    return { parameters, denoise: settings, value, runs: values, failure: null };
  };
  return async (parameters: Point, settings: Point | null): Promise<Trial> => {
    throwIfAborted(options.signal);
    const taken = known.get(keyOf(parameters, settings));
    const trial = taken ?? (await made(parameters, settings));
    done++;
    await onTrial?.(trial, taken !== undefined);
    return trial;
  };
}

function keyOf(parameters: Point, settings: Point | null): string {
  return JSON.stringify([parameters, settings]);
}

/** The runs' parts: train and validation together are what `compare` trains its first run on. */
function cutter(interactions: Interactions, { seed = 1, split }: TrialOptions) {
  const { by, shares } = split ?? { by: "global", shares: { train: 0.5, validation: 0.2, test: 0.3 } };
  const first = splitInteractions(interactions, { ...shares, by, seed });
  const own = mergeInteractions(first.train, first.validation);
  const validation = shares.validation / (shares.train + shares.validation);
  return (run: number) => {
    const parts = splitInteractions(own, { validation, by, seed: seed + run });
    if (parts.train.size > 0 && parts.validation.size > 0) return { ...parts, seed: seed + run };
    throw new ProRecError(
      "BAD_ROW",
      `Too few interactions to split: ${interactions.size}. Nothing is left to train on, or nothing to validate on.`,
      { hint: "Give it a longer log, or another split." },
    );
  };
}

async function onValidation(
  { train, validation, seed }: { train: Interactions; validation: Interactions; seed: number },
  parameters: Point,
  settings: Point | null,
  options: TrialOptions,
): Promise<number> {
  const { metric = "ndcg", k = 5, threads, engine, signal } = options;
  const quiet = { threads, engine, signal };
  const model = createModel(options.model, { ...options.parameters, ...parameters, seed });
  const weighted = settings
    ? (await denoise(train, { ...options.denoise, ...settings, ...quiet, model })).interactions
    : train;
  const fitted = await model.fit(weighted, quiet);
  assertNotReduced(model, fitted.scores);
  const { means } = await evaluate(fitted, validation, { k, metrics: [metric], signal });
  return means[`${metric}@${k}`]!;
}

/** @throws ProRecError TOO_LARGE where a fit took fewer factors: that is another trial's point. */
function assertNotReduced({ name, parameters }: Recommender, scores: Scores): void {
  const { factors } = parameters;
  if (typeof factors !== "number" || scores.kind !== "factors" || scores.rank >= factors) return;
  const message = `${name} can't have ${factors} factors here: the matrix has ${scores.rank} dimensions.`;
  throw new ProRecError("TOO_LARGE", message);
}

/** What makes a point impossible rather than the search. */
const IMPOSSIBLE: readonly ProRecErrorCode[] = ["TOO_LARGE", "NOT_CONVERGED", "SHAPE_MISMATCH"];

function failureOf(error: unknown): Trial["failure"] | undefined {
  if (error instanceof ProRecError && IMPOSSIBLE.includes(error.code)) {
    return { code: error.code, message: error.message };
  }
  if (error instanceof RangeError && error.message === "Array buffer allocation failed") {
    return { code: "TOO_LARGE", message: "There is not enough memory for this." };
  }
  return undefined;
}
