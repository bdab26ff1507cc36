import { ProRecError } from "../../errors.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { ifWorth, openCrew, type Threads } from "../../parallel/crew.ts";
import { breathe, type RunOptions } from "../../progress.ts";
import type { ItemFactors } from "../evidence.ts";
import { type Attribution, attribute, type Judged, LEAST_RATE, probabilities } from "./attribution.ts";
import { OBSERVED, withDecoys } from "./decoys.ts";
import { gaussianised, percentilesOf } from "./percentiles.ts";
import { signalsOf } from "./signals.ts";

export interface DetectOptions extends RunOptions {
  readonly seed?: number | undefined;
  /** Threads that compute; no effect on the result. Default 1. */
  readonly threads?: Threads | undefined;
}

/** What was found about the clicks; arrays in the row order of the log. The item factors are singular vectors. */
export interface Accidents extends ItemFactors {
  /** The probability that a click is accidental. */
  readonly probability: Float32Array;
  /** How well each click fits, by rank, in (0, 1): the share of the log's clicks that fit less. */
  readonly trust: Float32Array;
  /** The share of accidental clicks, with its 95% interval (jackknife over five groups of users). */
  readonly rate: Rate;
}

/** A share with its 95% interval. */
export interface Rate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const INJECTIONS = 3;
const LEAST_SIZE = 1000;
const MOST_DENSE = 0.5;
const GROUPS = 5;
/** Two-sided 95% quantile of t with 4 degrees of freedom: half an interval's width in standard errors. */
export const T4 = 2.776;

/**
 * Finds accidental clicks by target-decoy estimation: decoys are put into the log, three times; whatever observed clicks
 * look like them, beyond what their number explains, is accidental.
 * @throws ProRecError BAD_ROW for a log too small or too dense to judge; ABORTED
 */
export async function detectAccidents(
  interactions: Interactions,
  options: DetectOptions = {},
): Promise<Accidents> {
  const { seed = 1 } = options;
  assertJudgeable(interactions);
  const crew = openCrew(ifWorth(worthThreads(interactions), options.threads));
  const judged: Judged[] = [];
  const fits: Float32Array[] = [];
  let factors: ItemFactors = { itemFactors: new Float32Array(0), rank: 0 };
  try {
    for (let injection = 0; injection < INJECTIONS; injection++) {
      const own = seed * INJECTIONS + injection;
      const decoyed = withDecoys(interactions, own);
      const signals = await signalsOf(decoyed.interactions, { ...options, seed: own }, crew);
      const { projection, coupling, neighbours, userClicks, itemClicks } = signals;
      if (injection === 0) factors = { itemFactors: projection.itemFactors, rank: projection.rank };
      const ranks = [projection.scores, coupling, neighbours].map(percentilesOf);
      judged.push({
        kinds: decoyed.kinds,
        features: [projection.scores, coupling, neighbours, userClicks, itemClicks].map(gaussianised),
        userClicks,
        groups: groupsOf(decoyed.interactions),
      });
      fits.push(ranks[0]!.map((rank, entry) => rank + ranks[1]![entry]! + ranks[2]![entry]!));
    }
  } finally {
    await crew.close();
  }
  const attribution = await attribute(judged, seed, options.signal);
  const probability = averaged(judged, probabilities(judged, attribution));
  const estimate = mean(probability);
  const spread = await jackknife(judged, attribution, estimate, options.signal);
  const rate = {
    estimate,
    low: Math.max(0, estimate - spread),
    high: Math.min(1, estimate + spread),
  };
  const trust = percentilesOf(
    estimate < LEAST_RATE ? averaged(judged, fits) : probability.map((value) => -value),
  );
  return { probability, trust, rate, ...factors };
}

/** Decoys have to be many enough to be counted, and have to find pairs that aren't clicks. */
function assertJudgeable({ size, users, items }: Interactions): void {
  const dense = size / (users.size * items.size) > MOST_DENSE;
  if (size >= LEAST_SIZE && !dense) return;
  const share = ((100 * size) / (users.size * items.size)).toFixed(1);
  throw new ProRecError(
    "BAD_ROW",
    dense
      ? `Of all pairs of a user and an item ${share}% are interactions; accidents can be told apart up to ${100 * MOST_DENSE}%.`
      : `The ${size} interactions are too few to tell accidents apart; it takes ${LEAST_SIZE}.`,
    { hint: "Take a longer log, or prorec denoise --mode paper, which any log will do for." },
  );
}

/** Below this threads cost more than they save. */
function worthThreads({ size }: Interactions): boolean {
  return size > 100_000;
}

/** The group of each click's user. */
function groupsOf({ matrix: { rows, offsets, indices } }: Interactions): Uint8Array {
  const groups = new Uint8Array(indices.length);
  for (let user = 0; user < rows; user++) groups.fill(user % GROUPS, offsets[user], offsets[user + 1]);
  return groups;
}

/** What the logs' rows say of the observed clicks, in the order of the log without decoys. */
function averaged(judged: readonly Judged[], rows: readonly Float32Array[]): Float32Array {
  const observed = rows.map((values, index) =>
    values.filter((_, row) => judged[index]!.kinds[row] === OBSERVED),
  );
  return observed[0]!.map((_, entry) => {
    return observed.reduce((sum, values) => sum + values[entry]!, 0) / observed.length;
  });
}

/** Half the width of the rate's interval: the rate estimated anew without each group of users. */
async function jackknife(
  judged: readonly Judged[],
  attribution: Attribution,
  estimate: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let squares = 0;
  for (let group = 0; group < GROUPS; group++) {
    await breathe(signal);
    const all = probabilities(judged, attribution, group);
    let sum = 0;
    let count = 0;
    for (const [index, { kinds, groups }] of judged.entries()) {
      for (let row = 0; row < kinds.length; row++) {
        if (kinds[row] !== OBSERVED || groups[row] === group) continue;
        sum += all[index]![row]!;
        count++;
      }
    }
    if (count > 0) squares += (sum / count - estimate) ** 2;
  }
  return T4 * Math.sqrt(((GROUPS - 1) / GROUPS) * squares);
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
