import type { Labelled } from "../../denoise/outcome.ts";
import { overEntries } from "../../denoise/relabel.ts";
import { columnCounts, rowCounts } from "../../linalg/sparse.ts";
import type { Steps } from "../../progress.ts";
import { type Bin, binsBetween, countIn, doublingBin, doublingBins, evenBins, usedBins } from "./bins.ts";

/** How a log's labels are spread. */
export interface Distributions {
  /** By match / threshold; the first and the last bin also hold what lies beyond. */
  readonly margins: readonly Bin[];
  /** By how many interactions the item has, and the user; bins double. Empty ones are left out. */
  readonly popularity: readonly Bin[];
  readonly activity: readonly Bin[];
  /** By new weight, 0 to 1; what weighs more is in the last. */
  readonly weights: readonly Bin[];
}

const WEIGHTS = 40;
/** The ends of the margins' scale, as powers of ten, and bins a power. */
const [LOWEST, HIGHEST, PER_POWER] = [-5, 3, 4];

export function* distributionsOf(labelled: Labelled): Steps<Distributions> {
  const { input, matching, noise } = labelled;
  const { offsets, indices } = input.matrix;
  const weights = evenBins(WEIGHTS);
  const margins = binsBetween(
    Array.from(
      { length: (HIGHEST - LOWEST) * PER_POWER + 1 },
      (_, edge) => 10 ** (LOWEST + edge / PER_POWER),
    ),
  );
  const popularity = doublingBins();
  const activity = doublingBins();
  const items = columnCounts(input.matrix);
  const users = rowCounts(input.matrix);
  yield* overEntries(offsets, (user, entry) => {
    const flagged = noise[entry]!;
    const power = Math.log10(matching.match[entry]! / matching.threshold[user]!);
    countIn(margins, Math.floor((power - LOWEST) * PER_POWER), flagged);
    countIn(weights, Math.floor(labelled.weights[entry]! * WEIGHTS), flagged);
    countIn(popularity, doublingBin(items[indices[entry]!]!), flagged);
    countIn(activity, doublingBin(users[user]!), flagged);
  });
  return { margins, popularity: usedBins(popularity), activity: usedBins(activity), weights };
}
