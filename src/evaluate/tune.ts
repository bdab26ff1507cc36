import { type DenoiseOptions, denoise } from "../denoise/prorec.ts";
import { type DenoiseSettings, settingsOf } from "../denoise/settings.ts";
import { ProRecError, type ProRecErrorCode } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { mergeInteractions, splitInteractions } from "../interactions/split.ts";
import { createModel, MODELS, type ModelName, type ModelOptions } from "../models/models.ts";
import type { Recommender } from "../models/recommender.ts";
import { type RunOptions, throwIfAborted } from "../progress.ts";
import type { Scores } from "../scores.ts";
import type { SplitShares } from "./compare.ts";
import { coordinateSearch, type Found, type Grid, type Point } from "./coordinate-search.ts";
import { evaluate } from "./evaluate.ts";
import type { MetricName } from "./metrics.ts";

/** The paper's grid for Algorithm 1, without lambda 1: that is the model as it is, with which denoising is compared. */
export const DENOISE_GRID = {
  gamma: [0.05, 0.075, 0.1, 0.125, 0.15, 0.175],
  beta: [1, 5, 10, 20, 50],
  lambda: [0.25, 0.5, 0.75],
} as const satisfies Grid;

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

export interface TuneOptions extends RunOptions, Pick<DenoiseOptions, "threads" | "engine"> {
  readonly model: ModelName;
  /** Hyper-parameters that are not searched but have these values. */
  readonly parameters?: Omit<ModelOptions, "seed">;
  /**
   * Also search gamma, beta and lambda for the best hyper-parameters found, on the same validation rows. Settings given
   * here are not searched.
   */
  readonly denoise?: Partial<DenoiseSettings> | undefined;
  /** Trials at most; default 30. With `denoise` up to half of them, rounded up, are for the model. */
  readonly trials?: number;
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

export interface Tuning {
  /** In the order they were made. */
  readonly trials: readonly Trial[];
  /** The model with its defaults, and whatever was given. */
  readonly default: Trial;
  /** The best of the model as it is. */
  readonly base: Trial;
  /** The best of that model with denoising; null where it was not asked for, or no such trial could run. */
  readonly prorec: Trial | null;
  /** Of the two the better; of equal ones the base. */
  readonly best: Trial;
  /** Whether no single change on the grids is better, as opposed to running out of trials. */
  readonly settled: boolean;
}

/**
 * Searches a model's hyper-parameters (`MODELS[model].grid`), and with `denoise` those of Algorithm 1, by
 * `coordinateSearch` from the defaults, for the best metric on validation. Each run cuts what is not for testing into
 * training and validation anew; the model's seed is the run's.
 * @throws ProRecError BAD_ROW where the log is too small to be cut; the first trial's where none could run; ABORTED
 * @throws RangeError for options out of range
 */
export async function tune(interactions: Interactions, options: TuneOptions): Promise<Tuning> {
  const { trials: limit = 30, runs = 3, parameters: given = {} } = options;
  for (const [name, value] of Object.entries({ trials: limit, runs })) {
    if (!(Number.isInteger(value) && value > 0))
      throw new RangeError(`${name} is ${value}; it must be a whole number of at least 1.`);
  }
  const { grid, start } = modelSpace(options.model, given, interactions);
  const denoising = options.denoise && denoiseSpace(options.denoise);
  const judge = judgeOf(interactions, { ...options, trials: limit, runs });

  const most = denoising ? Math.ceil(limit / 2) : limit;
  const base = await coordinateSearch(start, grid, most, (parameters) => judge(parameters, null));
  const { best } = base;
  if (best === undefined) throw noneRan(base.trials[0]!);
  const rest = limit - base.trials.length;
  const prorec: Found<Trial> | undefined =
    denoising && rest > 0
      ? await coordinateSearch(denoising.start, denoising.grid, rest, (point) =>
          judge(best.parameters, point),
        )
      : undefined;
  const denoised = prorec?.best ?? null;
  options.onProgress?.({ stage: STAGE, done: limit * runs, total: limit * runs });
  return {
    trials: [...base.trials, ...(prorec?.trials ?? [])],
    default: base.trials[0]!,
    base: best,
    prorec: denoised,
    best: denoised !== null && denoised.value! > best.value! ? denoised : best,
    settled: base.settled && (!denoising || prorec?.settled === true),
  };
}

const STAGE = "tune";

/** What is searched of the model, and from where: its defaults, with no more factors than the log has dimensions. */
function modelSpace(name: ModelName, given: Omit<ModelOptions, "seed">, { users, items }: Interactions) {
  const ownGrid: Grid = MODELS[name].grid;
  const grid = without(ownGrid, given);
  const { parameters } = createModel(name, given);
  const start = Object.fromEntries(
    Object.entries(parameters).filter(
      (entry): entry is [string, number] =>
        typeof entry[1] === "number" && (entry[0] in ownGrid || entry[0] in given),
    ),
  );
  if (start.factors !== undefined) start.factors = Math.min(start.factors, users.size, items.size);
  return { grid, start };
}

function denoiseSpace(given: Partial<DenoiseSettings>) {
  const { gamma, beta, lambda } = settingsOf(given);
  return { grid: without(DENOISE_GRID, given), start: { gamma, beta, lambda } };
}

function without(grid: Grid, given: object): Grid {
  const free = Object.entries(grid).filter(([name]) => given[name as keyof typeof given] === undefined);
  return Object.fromEntries(free);
}

/** Makes a trial, or takes it from those finished. */
function judgeOf(interactions: Interactions, options: TuneOptions & { trials: number; runs: number }) {
  const { finished = [], runs, onTrial, onProgress } = options;
  const known = new Map(finished.map((trial) => [keyOf(trial.parameters, trial.denoise), trial]));
  const cut = cutter(interactions, options);
  const total = options.trials * runs;
  let done = 0;

  const made = async (parameters: Point, settings: Point | null): Promise<Trial> => {
    const values: number[] = [];
    try {
      for (let run = 0; run < runs; run++) {
        onProgress?.({ stage: STAGE, done: done * runs + run, total });
        values.push(await onValidation(cut(run), run, parameters, settings, options));
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
function cutter(interactions: Interactions, { seed = 1, split }: TuneOptions) {
  const { by, shares } = split ?? { by: "global", shares: { train: 0.5, validation: 0.2, test: 0.3 } };
  const first = splitInteractions(interactions, { ...shares, by, seed });
  const own = mergeInteractions(first.train, first.validation);
  const validation = shares.validation / (shares.train + shares.validation);
  return (run: number) => {
    const { train, validation: held } = splitInteractions(own, { validation, by, seed: seed + run });
    if (train.size > 0 && held.size > 0) return { train, held };
    throw new ProRecError(
      "BAD_ROW",
      `The ${interactions.size} interactions leave nothing to train on, or nothing to validate on.`,
      { hint: "Give it a longer log, or another split." },
    );
  };
}

async function onValidation(
  { train, held }: { train: Interactions; held: Interactions },
  run: number,
  parameters: Point,
  settings: Point | null,
  options: TuneOptions,
): Promise<number> {
  const { seed = 1, metric = "ndcg", k = 5, threads, engine, signal } = options;
  const quiet = { threads, engine, signal };
  const model = createModel(options.model, { ...options.parameters, ...parameters, seed: seed + run });
  const weighted = settings
    ? (await denoise(train, { ...options.denoise, ...settings, ...quiet, model })).interactions
    : train;
  const fitted = await model.fit(weighted, quiet);
  assertNotReduced(model, fitted.scores);
  const { means } = await evaluate(fitted, held, { k, metrics: [metric], signal });
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

function noneRan({ failure }: Trial): ProRecError {
  const hint = "Give the hyper-parameters that make it smaller.";
  return new ProRecError(failure!.code, `No trial could run. The first: ${failure!.message}`, { hint });
}
