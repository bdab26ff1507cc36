import type { Interactions } from "../../interactions/interactions.ts";
import { writeRows } from "../../io/write-rows.ts";
import type { Labelled } from "../outcome.ts";
import { denoisedTable } from "../table.ts";
import { flagsAt } from "./flags.ts";
import {
  type Accidents,
  type DetectOptions,
  detectAccidents,
  LEAST_RATE,
  type Rate,
  T4,
} from "./joint-decoy.ts";
import { upperBound } from "./percentiles.ts";

export interface CalibrateOptions extends DetectOptions {
  /** Expected share of false ones among the flagged; default .2. */
  readonly fdr?: number | undefined;
}

/** Clicks below which a log's decoys are scarce. */
const SCARCE = 20_000;

/** The result of the calibrated mode. `matching.match` is how well a click fits by rank: the share that fits less. */
export class Calibrated implements Labelled {
  readonly input: Interactions;
  readonly accidents: Accidents;
  readonly fdr: number;
  /** Whether the log has accidental clicks to speak of; otherwise weights are 1 and nothing is flagged. */
  readonly found: boolean;
  /** The probabilities that flags are chosen by: those of `accidents`, or lower ones. */
  readonly cautious: Float32Array;
  readonly relevance: Float32Array;
  readonly weights: Float32Array;
  readonly noise: Uint8Array;
  readonly matching: Labelled["matching"];

  constructor(input: Interactions, accidents: Accidents, fdr: number, apply = true) {
    const { probability, trust, rate } = accidents;
    this.input = input;
    this.accidents = accidents;
    this.fdr = fdr;
    this.found = rate.estimate >= LEAST_RATE;
    const active = this.found && apply;
    this.cautious = cautious(probability, rate);
    this.relevance = probability.map((value) => 1 - value);
    this.weights = active ? atMeanOne(this.relevance) : new Float32Array(input.size).fill(1);
    this.noise = active ? flagsAt(this.cautious, fdr) : new Uint8Array(input.size);
    this.matching = {
      match: trust,
      rank: ranksAmongOwn(input, trust),
      threshold: new Float32Array(input.users.size).fill(leastKept(trust, this.noise)),
    };
  }

  get flaggedCount(): number {
    return this.noise.reduce((count, flag) => count + flag, 0);
  }

  /** The input with its new weights: what to fit a recommender on. */
  get interactions(): Interactions {
    const { values } = this.input.matrix;
    return this.input.withWeights(this.weights.map((weight, entry) => weight * values[entry]!));
  }

  /** The same findings with the log left as it is: no weights, no flags. */
  unapplied(): Calibrated {
    return new Calibrated(this.input, this.accidents, this.fdr, false);
  }

  /**
   * Writes every interaction with its label; CSV, TSV, NDJSON or Parquet by the extension.
   * @throws ProRecError UNSUPPORTED_FORMAT, UNWRITABLE_FILE; no partial file is left
   */
  async write(path: string): Promise<void> {
    const { columns, rows } = denoisedTable(this);
    await writeRows(path, columns, rows);
  }
}

/**
 * The calibrated mode: a probability of being accidental for each click, weights 1 - probability at mean 1, and flags
 * at a false-discovery rate. A log with less than 3% accidental clicks stays as it is.
 * @throws RangeError for an fdr outside 0..1
 * @throws ProRecError BAD_ROW for a log too small or too dense to judge; ABORTED
 */
export async function calibrate(
  interactions: Interactions,
  options: CalibrateOptions = {},
): Promise<Calibrated> {
  const { fdr = 0.2 } = options;
  if (!(fdr > 0 && fdr < 1)) throw new RangeError(`fdr is ${fdr}; it must be above 0 and below 1.`);
  return new Calibrated(interactions, await detectAccidents(interactions, options), fdr);
}

/**
 * The probabilities that flags are chosen by. Where decoys are scarce, at a rate one standard error below the estimate: a
 * rate estimated too high makes every probability too high, and the flags shall hold all the same.
 */
function cautious(probability: Float32Array, { estimate, high }: Rate): Float32Array {
  if (probability.length >= SCARCE) return probability;
  const factor = Math.max(0, 1 - (high - estimate) / T4 / estimate);
  return probability.map((value) => value * factor);
}

function atMeanOne(values: Float32Array): Float32Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => (value * values.length) / sum);
}

/** The least match that isn't flagged, so that a flag is a match below it; 1 where all are flagged. */
function leastKept(match: Float32Array, noise: Uint8Array): number {
  let least = 1;
  for (let entry = 0; entry < match.length; entry++) {
    if (noise[entry] === 0 && match[entry]! < least) least = match[entry]!;
  }
  return least;
}

/** 1 + the number of the user's own clicks that match strictly better. */
function ranksAmongOwn({ matrix: { rows, offsets } }: Interactions, match: Float32Array): Uint32Array {
  const ranks = new Uint32Array(match.length);
  for (let user = 0; user < rows; user++) {
    const own = match.slice(offsets[user], offsets[user + 1]).sort();
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      ranks[entry] = 1 + own.length - upperBound(own, match[entry]!);
    }
  }
  return ranks;
}
