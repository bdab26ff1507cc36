import type { Labelled } from "../../denoise/outcome.ts";
import { overEntries } from "../../denoise/relabel.ts";
import { columnCounts, rowCounts } from "../../linalg/sparse.ts";
import type { Steps } from "../../progress.ts";

/** Interactions of one kind: from..to of what they are sorted by. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  interactions: number;
  flagged: number;
}

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
  const weights = Array.from({ length: WEIGHTS }, (_, bin) => newBin(bin / WEIGHTS, (bin + 1) / WEIGHTS));
  const { offsets, indices } = input.matrix;
  const margins = Array.from({ length: (HIGHEST - LOWEST) * PER_POWER }, (_, bin) =>
    newBin(10 ** (LOWEST + bin / PER_POWER), 10 ** (LOWEST + (bin + 1) / PER_POWER)),
  );
  const popularity = Array.from({ length: 32 }, (_, bin) => newBin(2 ** bin, 2 ** (bin + 1)));
  const activity = Array.from({ length: 32 }, (_, bin) => newBin(2 ** bin, 2 ** (bin + 1)));
  const items = columnCounts(input.matrix);
  const users = rowCounts(input.matrix);
  yield* overEntries(offsets, (user, entry) => {
    const flagged = noise[entry]!;
    const power = Math.log10(matching.match[entry]! / matching.threshold[user]!);
    const bin = Math.floor((power - LOWEST) * PER_POWER);
    count(margins[Math.max(0, Math.min(margins.length - 1, bin))]!, flagged);
    count(weights[Math.min(WEIGHTS - 1, Math.floor(labelled.weights[entry]! * WEIGHTS))]!, flagged);
    count(popularity[Math.floor(Math.log2(items[indices[entry]!]!))]!, flagged);
    count(activity[Math.floor(Math.log2(users[user]!))]!, flagged);
  });
  const used = (bins: Bin[]) => bins.filter(({ interactions }) => interactions > 0);
  return { margins, popularity: used(popularity), activity: used(activity), weights };
}

function newBin(from: number, to: number): Bin {
  return { from, to, interactions: 0, flagged: 0 };
}

function count(bin: Bin, flagged: number): void {
  bin.interactions++;
  bin.flagged += flagged;
}
