import type { Calibrated } from "../../denoise/calibrated/calibrated.ts";
import { overEntries } from "../../denoise/relabel.ts";
import { columnCounts, rowCounts } from "../../linalg/sparse.ts";
import type { Steps } from "../../progress.ts";

/** Clicks of one kind. */
export interface ProbabilityBin {
  readonly from: number;
  readonly to: number;
  interactions: number;
  flagged: number;
  /** Sum of their probabilities of being accidental. */
  accidents: number;
}

/** How the probabilities of being accidental are spread over a log. */
export interface Probabilities {
  /** By probability, 0 to 1. */
  readonly spread: readonly ProbabilityBin[];
  /** By how many interactions the item has, and the user; bins double. Empty ones are left out. */
  readonly popularity: readonly ProbabilityBin[];
  readonly activity: readonly ProbabilityBin[];
  /** What flagging the most suspicious clicks, from few to all, would bring: shares of the log, and of false ones among them. */
  readonly discovery: readonly { readonly flagged: number; readonly falseShare: number }[];
}

const SPREAD = 40;
/** Levels of probability at which the false discoveries are counted. */
const LEVELS = 1000;

export function* probabilitiesOf({
  input,
  accidents,
  cautious,
  noise,
}: Pick<Calibrated, "input" | "accidents" | "cautious" | "noise">): Steps<Probabilities> {
  const { offsets, indices } = input.matrix;
  const spread = Array.from({ length: SPREAD }, (_, bin) => newBin(bin / SPREAD, (bin + 1) / SPREAD));
  const popularity = Array.from({ length: 32 }, (_, bin) => newBin(2 ** bin, 2 ** (bin + 1)));
  const activity = Array.from({ length: 32 }, (_, bin) => newBin(2 ** bin, 2 ** (bin + 1)));
  const levels = Array.from({ length: LEVELS }, (_, level) => newBin(level / LEVELS, (level + 1) / LEVELS));
  const items = columnCounts(input.matrix);
  const users = rowCounts(input.matrix);
  yield* overEntries(offsets, (user, entry) => {
    const probability = accidents.probability[entry]!;
    const flagged = noise[entry]!;
    count(spread[binOf(probability, SPREAD)]!, flagged, probability);
    count(levels[binOf(cautious[entry]!, LEVELS)]!, flagged, cautious[entry]!);
    count(popularity[Math.floor(Math.log2(items[indices[entry]!]!))]!, flagged, probability);
    count(activity[Math.floor(Math.log2(users[user]!))]!, flagged, probability);
  });
  const used = (bins: ProbabilityBin[]) => bins.filter(({ interactions }) => interactions > 0);
  return {
    spread,
    popularity: used(popularity),
    activity: used(activity),
    discovery: discoveryOf(used(levels), input.size),
  };
}

function discoveryOf(levels: readonly ProbabilityBin[], size: number): Probabilities["discovery"] {
  let interactions = 0;
  let accidents = 0;
  return levels.toReversed().map((level) => {
    interactions += level.interactions;
    accidents += level.accidents;
    return { flagged: interactions / size, falseShare: 1 - accidents / interactions };
  });
}

function binOf(probability: number, bins: number): number {
  return Math.min(bins - 1, Math.floor(probability * bins));
}

function newBin(from: number, to: number): ProbabilityBin {
  return { from, to, interactions: 0, flagged: 0, accidents: 0 };
}

function count(bin: ProbabilityBin, flagged: number, probability: number): void {
  bin.interactions++;
  bin.flagged += flagged;
  bin.accidents += probability;
}
