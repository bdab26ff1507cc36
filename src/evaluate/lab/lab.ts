import { Calibrated, calibrate } from "../../denoise/calibrated/calibrated.ts";
import type { Rate } from "../../denoise/calibrated/joint-decoy.ts";
import { type Corrupted, corrupt, NOISE_KINDS, type NoiseKind } from "../../interactions/corrupt.ts";
import { Interactions } from "../../interactions/interactions.ts";
import { mergeInteractions, splitInteractions } from "../../interactions/split.ts";
import { columnCounts } from "../../linalg/sparse.ts";
import { Wrmf } from "../../models/wrmf.ts";
import type { RunOptions } from "../../progress.ts";
import { rankDetection, scoreDetection } from "../detection.ts";
import { sampleUsers } from "../diagnose/sample.ts";
import { evaluate } from "../evaluate.ts";

export interface NoiseLabOptions extends RunOptions {
  readonly seed?: number | undefined;
  /** Threads that compute; no effect on the result. Default 1. */
  readonly threads?: number | undefined;
  /** Default all. */
  readonly kinds?: readonly NoiseKind[] | undefined;
  /** Injected clicks as shares of the training part; default .05, .1 and .2. */
  readonly rates?: readonly number[] | undefined;
}

/** One kind of noise at one rate, put into the training part. */
export interface LabCell {
  readonly kind: NoiseKind;
  /** Of the training part's clicks, as asked for. */
  readonly rate: number;
  /** Share of the noisy clicks that is noise. */
  readonly noiseShare: number;
  readonly rocAuc: number;
  readonly averagePrecision: number;
  /** What suspecting the clicks on items that few chose gives. */
  readonly popularity: { readonly rocAuc: number; readonly averagePrecision: number };
  readonly estimated: Rate;
  /** Flags at each nominal false-discovery rate; the realised one is null where nothing is flagged. */
  readonly flags: readonly {
    readonly fdr: number;
    readonly flaggedShare: number;
    readonly falseDiscoveryRate: number | null;
    readonly recall: number;
  }[];
  /** Clicks by probability of being accidental, in tenths: how many, the mean probability, the share that is noise. */
  readonly reliability: readonly { readonly clicks: number; readonly mean: number; readonly share: number }[];
  /** NDCG@5 on the test part of a WRMF: fitted to the noisy clicks, with the weights, and without the noise (an oracle). */
  readonly ndcg: { readonly noisy: number; readonly denoised: number; readonly oracle: number };
}

export interface NoiseLab {
  readonly log: { readonly interactions: number; readonly sampled: number | null };
  /** The training part as it is. */
  readonly clean: { readonly rate: Rate; readonly ndcg: number };
  readonly cells: readonly LabCell[];
  /** A sentence for each kind, and each claim about it, that does not hold on this log. */
  readonly notFound: readonly string[];
}

/** Of a longer log, the clicks of so many interactions' worth of random users are taken. */
const MOST = 100_000;
const TEST = 0.2;
const RATES = [0.05, 0.1, 0.2];
const NOMINAL = [0.05, 0.1, 0.2, 0.3, 0.5];
const BINS = 10;

/**
 * Puts known noise of several kinds at several rates into the log's own training part, and measures what the calibrated
 * mode finds, whether its probabilities and false-discovery rates hold, and what a recommender gets back.
 * @throws RangeError for a rate outside 0..1 @throws ProRecError BAD_ROW for a log too small or too dense to judge; ABORTED
 */
export async function noiseLab(interactions: Interactions, options: NoiseLabOptions = {}): Promise<NoiseLab> {
  const { seed = 1, kinds = Object.keys(NOISE_KINDS) as NoiseKind[], rates = RATES } = options;
  const { threads, signal, onProgress } = options;
  const run = { seed, threads, signal };
  const log = sampleUsers(interactions, MOST, seed);
  const { train, test } = splitInteractions(log, { test: TEST, seed });
  const total = kinds.length * rates.length + 1;
  onProgress?.({ stage: "noise lab", done: 0, total });
  const { accidents } = await calibrate(train, run);
  const clean = { rate: accidents.rate, ndcg: await ndcgOf(train, test, undefined, run) };
  const cells: LabCell[] = [];
  for (const kind of kinds) {
    for (const rate of rates) {
      onProgress?.({ stage: "noise lab", done: cells.length + 1, total });
      const corrupted = corrupt(train, { kind, rate, seed, avoid: test });
      cells.push({ kind, rate, ...(await measured(corrupted, test, run)) });
    }
  }
  onProgress?.({ stage: "noise lab", done: total, total });
  return {
    log: { interactions: interactions.size, sampled: log === interactions ? null : log.size },
    ...{ clean, cells, notFound: shortcomings(cells, clean.rate) },
  };
}

interface Run extends RunOptions {
  readonly seed: number;
  readonly threads: number | undefined;
}

async function measured(corrupted: Corrupted, test: Interactions, run: Run) {
  const { interactions: noisy, noise: truth } = corrupted;
  const calibrated = await calibrate(noisy, run);
  const { accidents, matching } = calibrated;
  const suspicion = matching.match.map((match) => -match);
  const popularity = columnCounts(noisy.matrix);
  const ranked = (values: Float32Array) => rankDetection(values, truth) as LabCell["popularity"]; // there is noise
  const seen = allSeen(corrupted);
  const genuine = Float32Array.from(truth, (flag) => 1 - flag);
  return {
    noiseShare: truth.reduce((sum, flag) => sum + flag, 0) / truth.length,
    ...ranked(suspicion),
    popularity: ranked(Float32Array.from(noisy.matrix.indices, (item) => -popularity[item]!)),
    estimated: accidents.rate,
    flags: NOMINAL.map((fdr) => {
      const { noise: flags } = new Calibrated(noisy, accidents, fdr);
      const { flaggedShare, falseDiscoveryRate, hitRatio } = scoreDetection({ suspicion, flags, truth });
      return { fdr, flaggedShare: flaggedShare!, falseDiscoveryRate, recall: hitRatio ?? 0 };
    }),
    reliability: reliabilityOf(accidents.probability, truth),
    ndcg: {
      noisy: await ndcgOf(noisy, test, seen, run),
      denoised: await ndcgOf(calibrated.interactions, test, seen, run),
      oracle: await ndcgOf(noisy.withWeights(genuine), test, seen, run),
    },
  };
}

/** The noisy clicks and what noise took away: no arm may recommend any of them. */
function allSeen({ interactions, removed }: Corrupted): Interactions {
  if (removed === undefined) return interactions;
  const { users, items } = interactions;
  return mergeInteractions(interactions, new Interactions(users, items, removed));
}

async function ndcgOf(
  log: Interactions,
  test: Interactions,
  seen: Interactions | undefined,
  { seed, threads, signal }: Run,
): Promise<number> {
  const model = new Wrmf({ factors: 32, regularization: 30, alpha: 2, seed });
  const fitted = await model.fit(log, { threads, signal });
  const { means } = await evaluate(fitted, test, { k: 5, metrics: ["ndcg"], excluded: seen?.matrix, signal });
  return means["ndcg@5"]!;
}

function reliabilityOf(probability: Float32Array, truth: Uint8Array): LabCell["reliability"] {
  const bins = Array.from({ length: BINS }, () => ({ clicks: 0, sum: 0, noise: 0 }));
  for (const [row, value] of probability.entries()) {
    const bin = bins[Math.min(BINS - 1, Math.floor(value * BINS))]!;
    bin.clicks++;
    bin.sum += value;
    bin.noise += truth[row]!;
  }
  return bins.map(({ clicks, sum, noise }) => ({
    clicks,
    mean: clicks === 0 ? 0 : sum / clicks,
    share: clicks === 0 ? 0 : noise / clicks,
  }));
}

/** Below this ROC-AUC noise counts as not found: a coin has .5. */
const FOUND = 0.7;
/** Realised false discoveries at a nominal 20% beyond this break the promise. */
const NOMINAL_FLAGS = 0.2;
const BROKEN = 0.3;
const OFF = 0.5;

function shortcomings(cells: readonly LabCell[], clean: Rate): string[] {
  const sentences: string[] = [];
  for (const kind of new Set(cells.map((cell) => cell.kind))) {
    const own = cells.filter((cell) => cell.kind === kind);
    const auc = averageOf(own, ({ rocAuc }) => rocAuc);
    const byPopularity = averageOf(own, ({ popularity }) => popularity.rocAuc);
    if (auc < FOUND) sentences.push(`${kind}: NOT FOUND, mean ROC-AUC ${auc.toFixed(2)} (.5 is chance).`);
    else if (auc < byPopularity) {
      sentences.push(
        `${kind}: found no better than by the items' popularity alone (ROC-AUC ${auc.toFixed(2)} and ${byPopularity.toFixed(2)}).`,
      );
    }
    const missed = own.filter(({ estimated, noiseShare }) => {
      return Math.abs(estimated.estimate - clean.estimate - noiseShare) > OFF * noiseShare;
    });
    if (missed.length > 0) {
      const told = missed.map(
        ({ estimated, noiseShare }) => `${share(estimated.estimate)} for ${share(noiseShare)}`,
      );
      sentences.push(`${kind}: the rate is missed by more than half: ${told.join(", ")}.`);
    }
    const false_ = own.flatMap(({ flags }) => flags.filter(({ fdr }) => fdr === NOMINAL_FLAGS));
    const worst = Math.max(...false_.map(({ falseDiscoveryRate }) => falseDiscoveryRate ?? 0));
    if (worst > BROKEN) {
      sentences.push(
        `${kind}: at a nominal 20%, up to ${share(worst)} of the flags are not the injected noise.`,
      );
    }
    if (false_.every(({ recall }) => recall < 0.01)) {
      sentences.push(`${kind}: under 1% of it is flagged at a nominal 20%.`);
    }
  }
  return sentences;
}

function averageOf(cells: readonly LabCell[], value: (cell: LabCell) => number): number {
  return cells.reduce((sum, cell) => sum + value(cell), 0) / cells.length;
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
