import { type DenoiseSettings, settingsOf } from "../denoise/settings.ts";
import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { createModel, MODELS, type ModelName, type ModelOptions } from "../models/models.ts";
import { coordinateSearch, type Found, type Grid } from "./coordinate-search.ts";
import { type Trial, type TrialOptions, trialsOn } from "./trial.ts";

/** The paper's grid for Algorithm 1, without lambda 1: that is the model as it is, with which denoising is compared. */
export const DENOISE_GRID = {
  gamma: [0.05, 0.075, 0.1, 0.125, 0.15, 0.175],
  beta: [1, 5, 10, 20, 50],
  lambda: [0.25, 0.5, 0.75],
} as const satisfies Grid;

export interface TuneOptions extends TrialOptions {
  /** Trials at most; default 30. With `denoise` up to half of them, rounded up, are for the model. */
  readonly trials?: number;
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
  const judge = trialsOn(interactions, { ...options, runs }, limit);

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
  options.onProgress?.({ stage: "tune", done: limit * runs, total: limit * runs });
  return {
    trials: [...base.trials, ...(prorec?.trials ?? [])],
    default: base.trials[0]!,
    base: best,
    prorec: denoised,
    best: denoised !== null && denoised.value! > best.value! ? denoised : best,
    settled: base.settled && (!denoising || prorec?.settled === true),
  };
}

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

function noneRan({ failure }: Trial): ProRecError {
  const hint = "Give the hyper-parameters that make it smaller.";
  return new ProRecError(failure!.code, `No trial could run. The first: ${failure!.message}`, { hint });
}
