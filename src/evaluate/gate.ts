import { type CalibrateOptions, calibrate } from "../denoise/calibrated/calibrated.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { splitInteractions } from "../interactions/split.ts";
import type { Recommender } from "../models/recommender.ts";
import { randomFor, shuffle } from "../random.ts";
import { evaluate } from "./evaluate.ts";
import { pairedTest } from "./significance.ts";

export interface GateOptions extends CalibrateOptions {
  /** The model to be fitted, anew in each split and arm. */
  readonly model: (seed: number) => Recommender;
  /** Length of the rankings; default 5. */
  readonly k?: number;
}

/** What a change of the weights does to NDCG on validation, over users, their values averaged over the splits. */
export interface Judgement {
  /** "helps" for t > 2, "hurts" for t < -2. */
  readonly verdict: "helps" | "no evidence" | "hurts";
  /** Mean difference to the log as it is, with its 95% interval. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** The difference as a share of the base's mean. */
  readonly gain: number;
  readonly t: number;
  readonly users: number;
}

export interface Gate {
  /** NDCG@k of the log as it is. */
  readonly base: number;
  /** Accidental-click rates found in the splits' training parts. */
  readonly rates: readonly number[];
  readonly denoising: Judgement;
  /** As many clicks removed at random: a control. */
  readonly randomRemoval: Judgement;
  /** Denoising against that control. */
  readonly overRandomRemoval: Judgement;
  /** n_u^-exponent for each click, at mean 1; the best of the exponents tried. No denoising. */
  readonly userBalance: Judgement & { readonly exponent: number };
}

const SPLITS = 4;
const VALIDATION = 0.2;
const CRITICAL = 2;
const EXPONENTS = [0.25, 0.35, 0.5];

/**
 * Whether calibrated weights, and separately a balance of the users, help a model on this log: four cuts 4:1 into
 * training and validation, accidents detected inside each training part, a t test paired by user.
 * @throws ProRecError BAD_ROW for a log too small or too dense to judge; ABORTED
 */
export async function gate(interactions: Interactions, options: GateOptions): Promise<Gate> {
  const { seed = 1, k = 5, model, signal, threads, onProgress } = options;
  const arms = new Map<string, Float64Array>();
  const tested = new Float64Array(interactions.users.size);
  const rates: number[] = [];
  const inner = { signal, threads };
  for (let split = 0; split < SPLITS; split++) {
    onProgress?.({ stage: "gate", done: split, total: SPLITS });
    const own = seed * SPLITS + split;
    const { train, validation } = splitInteractions(interactions, { validation: VALIDATION, seed: own });
    const calibrated = await calibrate(train, { ...inner, seed: own, fdr: options.fdr });
    rates.push(calibrated.accidents.rate.estimate);
    const weighted = {
      base: train,
      denoising: calibrated.found ? calibrated.interactions : train,
      removal: calibrated.found ? randomlyRemoved(train, calibrated.accidents.rate.estimate, own) : train,
      ...Object.fromEntries(EXPONENTS.map((exponent) => [`balance ${exponent}`, balanced(train, exponent)])),
    };
    for (const [arm, log] of Object.entries(weighted)) {
      const fitted = await model(own).fit(log, inner);
      const asked = { k, metrics: ["ndcg"], excluded: train.matrix, signal } as const; // what an arm drops is no candidate
      const { users, values } = await evaluate(fitted, validation, asked);
      if (!arms.has(arm)) arms.set(arm, new Float64Array(tested.length));
      const sums = arms.get(arm)!;
      for (const [index, user] of users.entries()) {
        sums[user]! += values[`ndcg@${k}`]![index]!;
        if (arm === "base") tested[user]!++;
      }
    }
  }
  onProgress?.({ stage: "gate", done: SPLITS, total: SPLITS });
  const of = (arm: string) =>
    arms
      .get(arm)!
      .map((sum, user) => sum / tested[user]!)
      .filter((_, user) => tested[user]! > 0);
  const base = of("base");
  const balances = EXPONENTS.map((exponent) => ({ exponent, ...judged(of(`balance ${exponent}`), base) }));
  return {
    base: mean(base),
    rates,
    denoising: judged(of("denoising"), base),
    randomRemoval: judged(of("removal"), base),
    overRandomRemoval: judged(of("denoising"), of("removal")),
    userBalance: balances.reduce((best, next) => (next.difference > best.difference ? next : best)),
  };
}

/** A judgement of treatment against control, values of the same users. */
export function judged(treatment: Float64Array, control: Float64Array): Judgement {
  const { difference, low, high, n } = pairedTest(treatment, control);
  let squares = 0;
  for (let user = 0; user < n; user++) squares += (treatment[user]! - control[user]! - difference) ** 2;
  const error = Math.sqrt(squares / Math.max(1, n - 1) / n);
  const t = error > 0 ? difference / error : 0;
  const level = mean(control);
  return {
    verdict: t > CRITICAL ? "helps" : t < -CRITICAL ? "hurts" : "no evidence",
    ...{ difference, low: low ?? difference, high: high ?? difference, t, users: n },
    gain: level > 0 ? difference / level : 0,
  };
}

/** The log without a random share of its clicks, the others' weights raised to the same mean. */
function randomlyRemoved(log: Interactions, share: number, seed: number): Interactions {
  const removed = Math.round(share * log.size);
  const weights = new Float32Array(log.size).fill(log.size / (log.size - removed));
  weights.fill(0, 0, removed);
  return log.withWeights(shuffle(weights, randomFor(seed, "random-removal")));
}

/** n_u^-exponent for each click, at mean 1. */
function balanced(log: Interactions, exponent: number): Interactions {
  const { offsets } = log.matrix;
  const weights = new Float32Array(log.size);
  for (const [user, clicks] of log.userCounts().entries()) {
    if (clicks > 0) weights.fill(clicks ** -exponent, offsets[user], offsets[user + 1]);
  }
  const level = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return log.withWeights(weights.map((weight) => weight / level));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
