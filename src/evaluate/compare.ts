import { type DenoiseOptions, denoise } from "../denoise/prorec.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { mergeInteractions, splitInteractions } from "../interactions/split.ts";
import type { FittedRecommender, Recommender } from "../models/recommender.ts";
import type { RunOptions } from "../progress.ts";
import { ArmResults, type ByArm, pairedTests } from "./arms.ts";
import { CONTROLS } from "./controls.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import type { MeanInterval } from "./significance.ts";
import { type ArmTest, type Verdict, verdicts } from "./verdict.ts";

/** A share of the log for each part; train and validation together train the final model. */
export interface SplitShares {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** How arms are compared. */
export interface CompareOptions extends RunOptions, Pick<DenoiseOptions, "threads" | "engine"> {
  /** The base model, fitted anew in each run and arm with the run's seed. */
  readonly model: (seed: number) => Recommender;
  /** Other models to compare with, on the interactions as they are, by the names of their arms. */
  readonly rivals?: Readonly<Record<string, (seed: number) => Recommender>>;
  /** Compare with denoising; default true. */
  readonly prorec?: boolean;
  /** With denoising, also compare with the controls of `CONTROLS`; default true. */
  readonly controls?: boolean;
  /** Refit from the base's fit instead of anew, with denoising and controls alike; default false. */
  readonly warmStart?: boolean;
  /** Runs, with seeds `seed`, `seed` + 1, ...; default 5. */
  readonly runs?: number;
  readonly seed?: number;
  /** How the log is cut in each run; default global, 5:2:3. */
  readonly split?: { readonly by: "global" | "user"; readonly shares: SplitShares };
  /** Test on these interactions instead of a cut; they stand on the same ids, as `overSameIds` puts them. */
  readonly test?: Interactions;
  /** Length of the rankings; default 5. */
  readonly k?: number;
  readonly denoise?: Partial<DenoiseSettings>;
  /** Gives back what `work` gave before under this name, if it is kept anywhere; default: works. */
  readonly keep?: Keep;
}

/** e.g. keep("seed 3, prorec", work): `work` is not done again for a name whose result is kept. */
export type Keep = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

export interface Comparison {
  readonly runs: readonly { readonly seed: number; readonly arms: ByArm<number> }[];
  /** Means over the runs with 95% t intervals over their seeds. */
  readonly summary: ByArm<MeanInterval>;
  readonly tests: readonly ArmTest[];
  /** What the tests say of "prorec" on each metric. */
  readonly verdicts: readonly Verdict[];
  /** Every user's values, averaged over the runs that tested the user; parallel to `users`. */
  readonly perUser: { readonly users: readonly string[]; readonly values: ByArm<Float64Array> };
}

/**
 * Splits, fits, denoises, refits and tests, `runs` times; every arm of a run shares its split and model seed.
 * Arms: "base", the rivals, "prorec", and the controls.
 * @throws ProRecError BAD_ROW where the log is too small to be cut; and what `denoise` throws.
 */
export async function compare(interactions: Interactions, options: CompareOptions): Promise<Comparison> {
  const { runs = 5, seed = 1, k = 5, signal, keep = (_, work) => work() } = options;
  if (!(Number.isInteger(runs) && runs > 0)) throw new RangeError(`runs is ${runs}; it must be at least 1.`);
  if (options.warmStart && !options.model(seed).warmStart) {
    throw new RangeError(`${options.model(seed).name} is always fitted anew: it has no warm start.`);
  }
  const results = new ArmResults(interactions.users);
  for (let run = 0; run < runs; run++) {
    const stage = `run ${run + 1} of ${runs}`;
    const { train, test } = cut(interactions, seed + run, options);
    if (train.size === 0 || test.size === 0) throw tooSmall(interactions.size);
    const arms = Object.entries(armsOf(train, seed + run, options));
    for (const [done, [arm, fit]] of arms.entries()) {
      options.onProgress?.({ stage, done, total: arms.length });
      const work = async (): Promise<Evaluation> => evaluate(await fit(), test, { k, signal });
      results.add(seed + run, arm, await keep(`seed-${seed + run}-${arm}`, work));
    }
    options.onProgress?.({ stage, done: arms.length, total: arms.length });
  }
  const perUser = results.perUser();
  const tests = pairedTests(perUser.values);
  return { runs: results.runs, summary: results.summary(), tests, verdicts: verdicts(tests), perUser };
}

function cut(interactions: Interactions, seed: number, options: CompareOptions) {
  if (options.test) return { train: interactions, test: options.test };
  const { by, shares } = options.split ?? {
    by: "global",
    shares: { train: 0.5, validation: 0.2, test: 0.3 },
  };
  const { train, validation, test } = splitInteractions(interactions, { ...shares, by, seed });
  return { train: mergeInteractions(train, validation), test };
}

function tooSmall(size: number): ProRecError {
  return new ProRecError(
    "BAD_ROW",
    `Too few interactions to split: ${size}. Nothing is left to train on, or nothing to test on.`,
    { hint: "Give it a longer log, or another split." },
  );
}

/** How each arm's model is fitted to the training interactions, weighted as the arm weights them. */
function armsOf(train: Interactions, seed: number, options: CompareOptions) {
  const { prorec = true, controls = true, rivals = {}, model } = options;
  const run = quiet(options);
  const base = once(() => model(seed).fit(train, run));
  const arms: Record<string, () => Promise<FittedRecommender>> = { base };
  for (const [arm, rival] of Object.entries(rivals)) arms[arm] = () => rival(seed).fit(train, run);
  if (!prorec) return arms;
  const denoised = once(async () =>
    denoise(train, { ...options.denoise, ...run, model: model(seed), fitted: await base() }),
  );
  const refit = async (interactions: Interactions) =>
    model(seed).fit(interactions, options.warmStart ? { ...run, start: await base() } : run);
  arms.prorec = async () => refit((await denoised()).interactions);
  for (const [arm, { weights }] of controls ? Object.entries(CONTROLS) : []) {
    arms[arm] = async () => {
      const factors = weights(await denoised(), seed);
      return refit(train.withWeights(train.matrix.values.map((value, entry) => value * factors[entry]!)));
    };
  }
  return arms;
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

/** How the fits run: their stages are too many and too short to be told. */
function quiet({ threads, engine, signal }: CompareOptions) {
  return { threads, engine, signal };
}
