import type { Calibrated } from "../../denoise/calibrated/calibrated.ts";
import { overEntries } from "../../denoise/relabel.ts";
import { columnCounts, rowCounts } from "../../linalg/sparse.ts";
import type { Steps } from "../../progress.ts";
import { type Bin, countIn, doublingBin, doublingBins, evenBins, usedBins } from "./bins.ts";

/** How the probabilities of being accidental are spread over a log. */
export interface Probabilities {
  /** By probability, 0 to 1. */
  readonly spread: readonly Bin[];
  /** By how many interactions the item has, and the user; bins double. Empty ones are left out. */
  readonly popularity: readonly Bin[];
  readonly activity: readonly Bin[];
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
  const spread = evenBins(SPREAD);
  const levels = evenBins(LEVELS);
  const popularity = doublingBins();
  const activity = doublingBins();
  const items = columnCounts(input.matrix);
  const users = rowCounts(input.matrix);
  yield* overEntries(offsets, (user, entry) => {
    const probability = accidents.probability[entry]!;
    const flagged = noise[entry]!;
    countIn(spread, Math.floor(probability * SPREAD), flagged, probability);
    countIn(levels, Math.floor(cautious[entry]! * LEVELS), flagged, cautious[entry]!);
    countIn(popularity, doublingBin(items[indices[entry]!]!), flagged, probability);
    countIn(activity, doublingBin(users[user]!), flagged, probability);
  });
  return {
    ...{ spread, popularity: usedBins(popularity), activity: usedBins(activity) },
    discovery: discoveryOf(usedBins(levels), input.size),
  };
}

function discoveryOf(levels: readonly Bin[], size: number): Probabilities["discovery"] {
  let interactions = 0;
  let accidents = 0;
  return levels.toReversed().map((level) => {
    interactions += level.interactions;
    accidents += level.accidents;
    return { flagged: interactions / size, falseShare: 1 - accidents / interactions };
  });
}
