import { calibrate } from "../../denoise/calibrated/calibrated.ts";
import type { Rate } from "../../denoise/calibrated/joint-decoy.ts";
import { calibratedBytes } from "../../denoise/calibrated/memory.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { createModel } from "../../models/models.ts";
import type { RunOptions } from "../../progress.ts";
import { type Gate, type GateOptions, gate, gateBalance } from "../gate.ts";
import type { Judgement } from "../judgement.ts";
import { type BaseTrial, compareBases } from "./bases.ts";
import { botLikeUsers, type OddUser } from "./bots.ts";
import { type Burst, burstItems } from "./bursts.ts";
import { sampleUsers } from "./sample.ts";
import { type SharedAccounts, sharedAccounts } from "./shared-accounts.ts";

export interface DiagnoseOptions extends RunOptions {
  readonly seed?: number | undefined;
  /** Threads that compute; no effect on the result. Default 1. */
  readonly threads?: number | undefined;
  /** Length of the rankings; default 5. */
  readonly k?: number | undefined;
  /** When each interaction was made, in row order, NaN where that is unknown; without it no bursts are looked for. */
  readonly times?: Float64Array | undefined;
}

/** An effect on NDCG@k and what a control leaves of it. */
export interface Finding {
  /** "helps": better than the log as it is, and than the best control, both with p < .01. */
  readonly verdict: "helps" | "no evidence" | "hurts";
  /** Against the log as it is. */
  readonly effect: Judgement;
  /** Against the control that does best. */
  readonly overControl: Judgement;
  /** What that control does. */
  readonly control: string;
}

export interface Diagnosis {
  readonly log: {
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
    /** Interactions of the random users that were looked at; null for all. */
    readonly sampled: number | null;
  };
  /** Share of accidental clicks. */
  readonly accidents: Rate;
  readonly denoising: Finding | { readonly verdict: "no accidental-click noise" };
  /** n_u^-exponent for each click of a user with n_u. */
  readonly userBalance: Finding & { readonly exponent: number };
  /** The best first; the first is the one that the verdicts are about. */
  readonly bases: readonly BaseTrial[];
  readonly bots: { readonly found: number; readonly users: readonly OddUser[] };
  readonly sharedAccounts: SharedAccounts;
  /** Null without times. */
  readonly bursts: { readonly found: number; readonly items: readonly Burst[] } | null;
  /** What to run next, with an estimate of its time on this machine and its memory. */
  readonly next: {
    readonly command: "denoise" | "tune";
    readonly options: readonly string[];
    readonly seconds: number;
    readonly bytes: number;
  };
}

/** Of a longer log, the clicks of so many interactions' worth of random users are looked at. */
const MOST = 200_000;
/** Points and cuts that `tune` tries by default. */
const TRIALS = 30 * 3;

/**
 * What can be said of a log before any decision: whether denoising and user balance help the base that suits it, each
 * beside controls; the rate of accidental clicks; bases; users like bots and shared accounts; bursts.
 * @throws ProRecError BAD_ROW for a log too small or too dense to judge; ABORTED
 */
export async function diagnose(
  interactions: Interactions,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const { seed = 1, k = 5, threads = 1, signal, onProgress, times } = options;
  const run = { signal, onProgress, threads };
  const log = sampleUsers(interactions, MOST, seed);
  const started = performance.now();
  const calibrated = await calibrate(log, { ...run, seed });
  const detecting = (performance.now() - started) / 1000;
  const bases = await compareBases(log, { ...run, seed, k });
  const { model, parameters } = bases[0]!;
  const judging: GateOptions = {
    ...{ ...run, seed, k },
    model: (seed) => createModel(model, { ...parameters, seed }),
  };
  const gated = calibrated.found ? await gate(log, judging) : null;
  const { userBalance } = gated ?? (await gateBalance(log, judging));
  const denoising = gated ? denoisingFinding(gated) : ({ verdict: "no accidental-click noise" } as const);
  const helps = denoising.verdict === "helps";
  const { users, items, size } = interactions;
  const scale = size / log.size;
  return {
    log: {
      users: users.size,
      items: items.size,
      interactions: size,
      sampled: log === interactions ? null : log.size,
    },
    accidents: calibrated.accidents.rate,
    denoising,
    userBalance: {
      ...concluded(userBalance, [["the same weights dealt to random users", userBalance.overShuffled]]),
      exponent: userBalance.exponent,
    },
    bases,
    bots: botLikeUsers(log),
    sharedAccounts: sharedAccounts(log, calibrated.accidents, seed),
    bursts: times === undefined ? null : burstItems(interactions, times),
    next: {
      command: helps ? "denoise" : "tune",
      options: helps
        ? ["--mode", "calibrated", "-o", "clean.csv", "--flagged", "flagged.csv"]
        : ["--model", model],
      seconds: scale * (helps ? detecting : TRIALS * bases[0]!.seconds),
      bytes: calibratedBytes(users.size, items.size, size),
    },
  };
}

function denoisingFinding({ denoising, overRandomRemoval, overShuffled }: Gate): Finding {
  return concluded(denoising, [
    ["as many clicks removed at random", overRandomRemoval],
    ["each user's weights dealt to the user's own clicks at random", overShuffled],
  ]);
}

/** The best control is the one that leaves least of the effect. */
function concluded(effect: Judgement, controls: readonly (readonly [string, Judgement])[]): Finding {
  const [control, over] = controls.reduce((best, next) =>
    next[1].difference < best[1].difference ? next : best,
  );
  const beaten = effect.verdict === "helps" && over.verdict !== "helps";
  return { verdict: beaten ? "no evidence" : effect.verdict, effect, overControl: over, control };
}
