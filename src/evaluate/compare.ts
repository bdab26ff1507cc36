import { type DenoiseOptions, denoise } from "../denoise/prorec.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { mergeInteractions, splitInteractions } from "../interactions/split.ts";
import type { Recommender } from "../models/recommender.ts";
import type { RunOptions } from "../progress.ts";
import { CONTROLS } from "./controls.ts";
import { evaluate } from "./evaluate.ts";
import { type MeanInterval, meanInterval, type PairedTest, pairedTest } from "./significance.ts";
import { type Verdict, verdicts } from "./verdict.ts";

/** A share of the log for each part; train and validation together train the final model. */
export interface SplitShares {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** How arms are compared. */
export interface CompareOptions extends RunOptions {
  /** The base model, fitted anew in each run and arm with the run's seed. */
  readonly model: (seed: number) => Recommender;
  /** Compare with denoising; default true. */
  readonly prorec?: boolean;
  /** Compare with the controls of `CONTROLS`; default true. They take their weights from the denoised log. */
  readonly controls?: boolean;
  /** Runs, with seeds `seed`, `seed` + 1, ...; default 5. */
  readonly runs?: number;
  readonly seed?: number;
  /** How the log is cut in each run; default global, 5:2:3. */
  readonly split?: { readonly by: "global" | "user"; readonly shares: SplitShares };
  /** Test on these interactions instead of a cut; they stand on the same ids. */
  readonly test?: Interactions;
  /** Length of the rankings; default 5. */
  readonly k?: number;
  readonly denoise?: DenoiseOptions;
}

/** Metric values by name, e.g. "ndcg@5". */
type Metrics<T> = Readonly<Record<string, T>>;

/** One arm against another on one metric; pairs are users, their values averaged over the runs. */
export interface ArmTest extends PairedTest {
  readonly arm: string;
  readonly against: string;
  readonly metric: string;
}

export interface Comparison {
  readonly runs: readonly {
    readonly seed: number;
    readonly arms: Readonly<Record<string, Metrics<number>>>;
  }[];
  /** Means over the runs with 95% t intervals over their seeds. */
  readonly summary: Readonly<Record<string, Metrics<MeanInterval>>>;
  readonly tests: readonly ArmTest[];
  /** What the tests say of "prorec" on each metric. */
  readonly verdicts: readonly Verdict[];
}

/** Per arm and metric: sums of each user's values over the runs. */
type UserSums = Map<string, Map<string, Float64Array>>;

/**
 * Splits, fits, denoises, refits and tests, `runs` times; every arm of a run shares its split and model seed.
 * Arms: "base", "prorec", and the controls.
 */
export async function compare(interactions: Interactions, options: CompareOptions): Promise<Comparison> {
  const { runs = 5, seed = 1 } = options;
  const results: Comparison["runs"][number][] = [];
  const sums: UserSums = new Map();
  const tested = new Float64Array(interactions.users.size);
  for (let run = 0; run < runs; run++) {
    const { train, test } = cut(interactions, seed + run, options);
    const arms: Record<string, Metrics<number>> = {};
    for await (const { name, interactions } of trainingArms(train, seed + run, options)) {
      const { signal, onProgress } = stagesOf(options, `run ${run + 1}/${runs}, ${name}`);
      const model = await options.model(seed + run).fit(interactions, { signal, onProgress });
      const { users, values, means } = await evaluate(model, test, { k: options.k ?? 5, signal, onProgress });
      arms[name] = means;
      addUserValues(sums, name, users, values, tested.length);
      if (name === "base") for (const user of users) tested[user]!++;
    }
    results.push({ seed: seed + run, arms });
  }
  const tests = pairedTests(sums, tested);
  return {
    runs: results,
    summary: summarize(results),
    tests,
    verdicts: verdicts(tests, Object.keys(CONTROLS)),
  };
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

async function* trainingArms(train: Interactions, seed: number, options: CompareOptions) {
  const { prorec = true, controls = true } = options;
  yield { name: "base", interactions: train };
  if (!prorec && !controls) return;
  const model = options.model(seed);
  const denoised = await denoise(train, {
    ...stagesOf(options, `seed ${seed}, prorec`),
    ...options.denoise,
    model,
  });
  if (prorec) yield { name: "prorec", interactions: denoised.interactions };
  if (!controls) return;
  for (const [name, { weights }] of Object.entries(CONTROLS)) {
    yield { name, interactions: train.withWeights(weights(denoised, seed)) };
  }
}

function stagesOf({ signal, onProgress }: RunOptions, prefix: string): RunOptions {
  return {
    signal,
    onProgress:
      onProgress && ((progress) => onProgress({ ...progress, stage: `${prefix}: ${progress.stage}` })),
  };
}

function addUserValues(
  sums: UserSums,
  arm: string,
  users: Uint32Array,
  values: Metrics<Float64Array>,
  size: number,
): void {
  const ofArm = sums.get(arm) ?? new Map<string, Float64Array>();
  sums.set(arm, ofArm);
  for (const [metric, own] of Object.entries(values)) {
    const total = ofArm.get(metric) ?? new Float64Array(size);
    ofArm.set(metric, total);
    for (const [index, user] of users.entries()) total[user]! += own[index]!;
  }
}

/** Every arm against the base, and "prorec" against every control. */
function pairedTests(sums: UserSums, tested: Float64Array): ArmTest[] {
  const arms = [...sums.keys()];
  const pairs = arms.filter((arm) => arm !== "base").map((arm): [string, string] => [arm, "base"]);
  if (arms.includes("prorec")) {
    for (const arm of arms) if (arm !== "base" && arm !== "prorec") pairs.push(["prorec", arm]);
  }
  const averages = (arm: string, metric: string) =>
    sums
      .get(arm)!
      .get(metric)!
      .map((sum, user) => sum / tested[user]!)
      .filter((_, user) => tested[user]! > 0);
  return pairs.flatMap(([arm, against]) =>
    [...sums.get(arm)!.keys()].map((metric) => ({
      arm,
      against,
      metric,
      ...pairedTest(averages(arm, metric), averages(against, metric)),
    })),
  );
}

function summarize(runs: Comparison["runs"]): Comparison["summary"] {
  const arms = Object.keys(runs[0]!.arms);
  return Object.fromEntries(
    arms.map((arm) => [
      arm,
      Object.fromEntries(
        Object.keys(runs[0]!.arms[arm]!).map((metric) => [
          metric,
          meanInterval(Float64Array.from(runs, (run) => run.arms[arm]![metric]!)),
        ]),
      ),
    ]),
  );
}
