import { ProRecError } from "../../errors.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { ifWorth, openCrew, type Threads } from "../../parallel/crew.ts";
import { breathe, type RunOptions } from "../../progress.ts";
import type { ItemFactors } from "../evidence.ts";
import { accidentalShares } from "./accidental.ts";
import { OBSERVED, POPULAR, UNIFORM, withDecoys } from "./decoys.ts";
import { gaussianised, percentilesOf } from "./percentiles.ts";
import type { ScoredRows } from "./scored-rows.ts";
import { signalsOf } from "./signals.ts";
import { decoySuspicion } from "./suspicion.ts";

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

/** Below this share the log counts as free of accidental clicks. */
export const LEAST_RATE = 0.03;
const INJECTIONS = 3;
const LEAST_SIZE = 1000;
const MOST_DENSE = 0.5;
const GROUPS = 5;
/** Two-sided 95% quantile of t with 4 degrees of freedom: half an interval's width in standard errors. */
export const T4 = 2.776;

/** A log with decoys, and all that its clicks are judged by. */
interface Judged {
  readonly kinds: Uint8Array;
  readonly features: readonly Float32Array[];
  readonly userClicks: Float32Array;
  readonly groups: Uint8Array;
  /** Sum of the signals' percentiles. */
  readonly fit: Float32Array;
}

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
        fit: ranks[0]!.map((rank, entry) => rank + ranks[1]![entry]! + ranks[2]![entry]!),
      });
    }
  } finally {
    await crew.close();
  }
  await breathe(options.signal);
  const uniform = judged.map((log, index) => scoredRows(log, UNIFORM, undefined, seed + index));
  const byUniform = accidentalShares(uniform);
  await breathe(options.signal);
  const popular = judged.map((log, index) => scoredRows(log, POPULAR, byUniform[index]!, seed + index));
  const all = probabilities(judged, uniform, popular);
  const probability = averaged(judged, all);
  const estimate = mean(probability);
  const spread = await jackknife(judged, uniform, popular, estimate, options.signal);
  const rate = {
    estimate,
    low: Math.max(0, estimate - spread),
    high: Math.min(1, estimate + spread),
  };
  const fit = averaged(
    judged,
    judged.map((log) => log.fit),
  );
  const trust = percentilesOf(estimate < LEAST_RATE ? fit : probability.map((value) => -value));
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

/** Decoys of a kind beside the observed clicks, which count as far as they are not `explained`. */
function scoredRows(
  log: Judged,
  kind: number,
  explained: Float32Array | undefined,
  seed: number,
): ScoredRows {
  const decoys = log.kinds.map((own) => (own === kind ? 1 : 0));
  const weights = Float32Array.from(log.kinds, (own, row) =>
    own === OBSERVED ? 1 - (explained?.[row] ?? 0) : own === kind ? 1 : 0,
  );
  const suspicion = decoySuspicion(log.features, decoys, weights, seed * 4 + kind);
  return { suspicion, decoys, weights, userClicks: log.userClicks };
}

/** g = g_U + (1 - g_U) g_P of every row of each log, without the users of one group if it is given. */
function probabilities(
  judged: readonly Judged[],
  uniform: readonly ScoredRows[],
  popular: readonly ScoredRows[],
  leftOut = -1,
): Float32Array[] {
  const without = (rows: ScoredRows, index: number, weights: Float32Array) => ({
    ...rows,
    weights: weights.map((weight, row) => (judged[index]!.groups[row] === leftOut ? 0 : weight)),
  });
  const byUniform = accidentalShares(uniform.map((rows, index) => without(rows, index, rows.weights)));
  const rest = popular.map((rows, index) => {
    const { kinds } = judged[index]!;
    const weights = rows.weights.map((weight, row) =>
      kinds[row] === OBSERVED ? 1 - byUniform[index]![row]! : weight,
    );
    return without(rows, index, weights);
  });
  return accidentalShares(rest).map((byPopular, index) =>
    byPopular.map((share, row) => byUniform[index]![row]! + (1 - byUniform[index]![row]!) * share),
  );
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
  uniform: readonly ScoredRows[],
  popular: readonly ScoredRows[],
  estimate: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let squares = 0;
  for (let group = 0; group < GROUPS; group++) {
    await breathe(signal);
    const all = probabilities(judged, uniform, popular, group);
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
