import { type Calibrated, type CalibrateOptions, calibrate } from "../denoise/calibrated/calibrated.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { splitInteractions } from "../interactions/split.ts";
import type { Recommender } from "../models/recommender.ts";
import { evaluate } from "./evaluate.ts";
import { type Judgement, judged, mean } from "./judgement.ts";
import { balanced, dealtWithinUsers, randomlyRemoved } from "./reweighted.ts";

export interface GateOptions extends CalibrateOptions {
  /** The model to be fitted, anew in each split and arm. */
  readonly model: (seed: number) => Recommender;
  /** Length of the rankings; default 5. */
  readonly k?: number;
}

/** What re-weighting users does, without any denoising. */
export interface BalanceJudgement extends Judgement {
  /** n_u^-exponent for each click, at mean 1: the best of those tried. Each split takes the one best on the others. */
  readonly exponent: number;
  /** Against the same weights dealt to users at random. */
  readonly overShuffled: Judgement;
}

/** NDCG on validation over users, their values averaged over the splits. */
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
  /** Denoising against each user's weights dealt out at random among the user's own clicks. */
  readonly overShuffled: Judgement;
  readonly userBalance: BalanceJudgement;
}

const SPLITS = 4;
const VALIDATION = 0.2;
const EXPONENTS = [0.25, 0.35, 0.5];
const STEPS = { denoising: 4, balance: 1 + EXPONENTS.length, control: 1 };

/**
 * Whether calibrated weights, and separately a balance of the users, help a model on this log: four cuts 4:1 into
 * training and validation, accidents detected inside each training part, a t test paired by user.
 * @throws ProRecError BAD_ROW for a log too small or too dense to judge; ABORTED
 */
export async function gate(interactions: Interactions, options: GateOptions): Promise<Gate> {
  const arms = new Arms(interactions, options, STEPS.denoising + STEPS.balance + STEPS.control);
  const rates: number[] = [];
  const { signal, threads, fdr } = options;
  for (let split = 0; split < SPLITS; split++) {
    const { train, seed } = arms.cut(split);
    const calibrated = await calibrate(train, { signal, threads, seed, fdr });
    arms.step();
    rates.push(calibrated.accidents.rate.estimate);
    for (const [arm, log] of Object.entries(denoisingArms(train, calibrated, seed))) {
      await arms.judge(split, arm, log);
    }
  }
  const userBalance = await balanceJudgement(arms);
  return {
    base: mean(arms.of("base")),
    rates,
    denoising: judged(arms.of("denoising"), arms.of("base")),
    randomRemoval: judged(arms.of("removal"), arms.of("base")),
    overRandomRemoval: judged(arms.of("denoising"), arms.of("removal")),
    overShuffled: judged(arms.of("denoising"), arms.of("shuffled")),
    userBalance,
  };
}

/**
 * The part of `gate` about user balance alone, for a log without accidental clicks.
 * @throws ProRecError ABORTED
 */
export async function gateBalance(
  interactions: Interactions,
  options: GateOptions,
): Promise<Pick<Gate, "base" | "userBalance">> {
  const arms = new Arms(interactions, options, STEPS.balance + STEPS.control);
  const userBalance = await balanceJudgement(arms);
  return { base: mean(arms.of("base")), userBalance };
}

function denoisingArms(train: Interactions, calibrated: Calibrated, seed: number) {
  if (!calibrated.found) return { denoising: train, removal: train, shuffled: train };
  return {
    denoising: calibrated.interactions,
    removal: randomlyRemoved(train, calibrated.accidents.rate.estimate, seed),
    shuffled: dealtWithinUsers(train, calibrated.weights, seed),
  };
}

/** Fits the base and every exponent in every split, then the control of the exponent that suits the other splits best. */
async function balanceJudgement(arms: Arms): Promise<BalanceJudgement> {
  for (let split = 0; split < SPLITS; split++) {
    const { train } = arms.cut(split);
    await arms.judge(split, "base", train);
    for (const exponent of EXPONENTS) await arms.judge(split, `${exponent}`, balanced(train, exponent));
  }
  for (let split = 0; split < SPLITS; split++) {
    const { train, seed } = arms.cut(split);
    const exponent = bestExponent(arms, split);
    arms.take(split, "balance", `${exponent}`);
    await arms.judge(split, "balance shuffled", balanced(train, exponent, seed));
  }
  return {
    ...judged(arms.of("balance"), arms.of("base")),
    exponent: bestExponent(arms),
    overShuffled: judged(arms.of("balance"), arms.of("balance shuffled")),
  };
}

/** The exponent with the highest sum over all splits but one. */
function bestExponent(arms: Arms, leftOut = -1): number {
  const sums = EXPONENTS.map((exponent) => arms.sum(`${exponent}`, leftOut));
  return EXPONENTS[sums.indexOf(Math.max(...sums))]!;
}

/** Every user's NDCG in each split and arm. */
class Arms {
  readonly #log: Interactions;
  readonly #options: GateOptions;
  readonly #values = new Map<string, Float32Array>();
  /** Splits in which each user has a validation row. */
  readonly #tested: Uint8Array;
  readonly #total: number;
  #done = 0;

  constructor(log: Interactions, options: GateOptions, steps: number) {
    this.#log = log;
    this.#options = options;
    this.#total = steps * SPLITS;
    this.#tested = new Uint8Array(log.users.size);
    for (let split = 0; split < SPLITS; split++) {
      const counts = this.cut(split).validation.userCounts();
      for (const [user, count] of counts.entries()) if (count > 0) this.#tested[user]!++;
    }
    this.#report();
  }

  cut(split: number) {
    const seed = (this.#options.seed ?? 1) * SPLITS + split;
    return { ...splitInteractions(this.#log, { validation: VALIDATION, seed }), seed };
  }

  /** Fits the model to the split's training part as the arm weights it. */
  async judge(split: number, arm: string, log: Interactions): Promise<void> {
    const { model, k = 5, signal, threads } = this.#options;
    const { train, validation, seed } = this.cut(split);
    const fitted = await model(seed).fit(log, { signal, threads });
    const asked = { k, metrics: ["ndcg"], excluded: train.matrix, signal } as const; // what an arm drops is no candidate
    const { users, values } = await evaluate(fitted, validation, asked);
    const own = new Float32Array(this.#tested.length);
    for (const [index, user] of users.entries()) own[user] = values[`ndcg@${k}`]![index]!;
    this.#values.set(`${arm}/${split}`, own);
    this.step();
  }

  /** Lets an arm be another one in this split. */
  take(split: number, arm: string, from: string): void {
    this.#values.set(`${arm}/${split}`, this.#values.get(`${from}/${split}`)!);
  }

  step(): void {
    this.#done++;
    this.#report();
  }

  sum(arm: string, leftOut: number): number {
    let sum = 0;
    for (let split = 0; split < SPLITS; split++) {
      if (split === leftOut) continue;
      for (const value of this.#values.get(`${arm}/${split}`)!) sum += value;
    }
    return sum;
  }

  /** An arm's value of every user with a validation row, averaged over the user's splits. */
  of(arm: string): Float64Array {
    const sums = new Float64Array(this.#tested.length);
    for (let split = 0; split < SPLITS; split++) {
      for (const [user, value] of this.#values.get(`${arm}/${split}`)!.entries()) sums[user]! += value;
    }
    return sums
      .map((sum, user) => sum / Math.max(1, this.#tested[user]!))
      .filter((_, user) => this.#tested[user]! > 0);
  }

  #report(): void {
    this.#options.onProgress?.({ stage: "gate", done: this.#done, total: this.#total });
  }
}
