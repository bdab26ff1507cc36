import { printable } from "../io/printable.ts";
import { columnCounts, countingOrderInSteps } from "../linalg/sparse.ts";
import { atOnce, overRanges, type Steps } from "../progress.ts";
import type { FactorScores } from "../scores.ts";
import { type Label, labelAt } from "./label.ts";
import type { DenoiseOutcome, Labelled } from "./outcome.ts";
import { overEntries } from "./relabel.ts";

/** Why an interaction was flagged. */
export interface Evidence {
  /** Items above the user's threshold. */
  readonly kappa: number;
  /** match / threshold, below 1. */
  readonly margin: number;
  /** Users who interacted with the item. */
  readonly popularity: number;
  /** The user's kept items nearest to this one (cosine of the item factors), at most three. */
  readonly neighbours: readonly string[];
  /** One sentence, safe to print. */
  readonly reason: string;
}

/** A flagged interaction. */
export interface Flag extends Label {
  readonly user: string;
  readonly item: string;
  readonly evidence: Evidence;
}

const NEIGHBOURS = 3;

/** The flagged interactions by position: their users, entries and margins, and their order, worst first. */
export interface Flagged {
  readonly users: Uint32Array;
  readonly entries: Uint32Array;
  readonly margins: Float64Array;
  readonly order: Uint32Array;
}

/** What evidence is taken from. */
export type Explainable = Labelled &
  Pick<DenoiseOutcome, "settings"> & {
    readonly matching: Pick<DenoiseOutcome["matching"], "match" | "rank" | "threshold" | "kappa">;
    /** Undefined where they were not kept. */
    readonly scores: DenoiseOutcome["scores"] | undefined;
  };

/** The flagged interactions, smallest margin first (ties in row order), at most `limit`. */
export function* flaggedInteractions(
  denoised: DenoiseOutcome,
  limit = Infinity,
  flagged = atOnce(flaggedOf(denoised)),
): Generator<Flag> {
  const { users, entries, order } = flagged;
  const popularity = columnCounts(denoised.input.matrix);
  const count = Math.min(limit, order.length);
  for (const position of order.subarray(0, count)) {
    yield flagAt(denoised, users[position]!, entries[position]!, popularity);
  }
}

/**
 * One flagged interaction with its evidence.
 * @param popularity users of each item
 * @param nameOf what the reason calls an item; its id unless given
 */
export function flagAt(
  denoised: Explainable,
  user: number,
  entry: number,
  popularity: Uint32Array,
  nameOf = (item: number) => denoised.input.items.at(item),
): Flag {
  const { input, matching, scores } = denoised;
  const item = input.matrix.indices[entry]!;
  const label = labelAt(denoised, user, entry);
  const measures = {
    kappa: matching.kappa[user]!,
    margin: label.match / label.threshold,
    popularity: popularity[item]!,
  };
  const factors = scores?.kind === "factors" ? scores : undefined;
  const nearest = nearestKept(denoised, factors, user, item);
  const neighbours = nearest.map((kept) => input.items.at(kept));
  const reason = reasonOf(
    denoised,
    label,
    measures,
    nearest.map((kept) => nameOf(kept)),
  );
  return {
    user: input.users.at(user),
    item: input.items.at(item),
    ...label,
    evidence: { ...measures, neighbours, reason },
  };
}

/** Finds and orders the flagged interactions: O(interactions), also where nearly all of them are flagged. */
export function* flaggedOf({ input, matching, noise }: Labelled): Steps<Flagged> {
  const count = noise.reduce((sum, flag) => sum + flag, 0);
  const users = new Uint32Array(count);
  const entries = new Uint32Array(count);
  const margins = new Float64Array(count);
  let size = 0;
  yield* overEntries(input.matrix.offsets, (user, entry) => {
    if (noise[entry] === 0) return;
    users[size] = user;
    entries[size] = entry;
    margins[size++] = matching.match[entry]! / matching.threshold[user]!;
  });
  return { users, entries, margins, order: yield* ascending(margins) };
}

/** The positions of numbers from 0 on in ascending order, equal ones as they stand: four counting sorts by 16 of their bits. */
function* ascending(numbers: Float64Array): Steps<Uint32Array> {
  const words = new Uint16Array(numbers.buffer);
  const digits = new Uint32Array(numbers.length);
  let order: Uint32Array | undefined;
  for (let digit = 0; digit < 4; digit++) {
    yield* overRanges(digits.length, (start, end) => {
      for (let index = start; index < end; index++) digits[index] = words[4 * index + digit]!;
    });
    order = yield* countingOrderInSteps(digits, 1 << 16, order);
  }
  return order!;
}

/** What says how alike items are: items x rank. */
export type ItemFactors = Pick<FactorScores, "itemFactors" | "rank" | "biased">;

/** The user's kept items with the largest cosine to `item`; none without factors. */
export function nearestKept(
  { input, noise }: Labelled,
  factors: ItemFactors | undefined,
  user: number,
  item: number,
): number[] {
  if (factors === undefined) return [];
  const { offsets, indices } = input.matrix;
  const kept: { item: number; cosine: number }[] = [];
  for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
    if (noise[entry] === 0)
      kept.push({ item: indices[entry]!, cosine: cosine(factors, item, indices[entry]!) });
  }
  kept.sort((left, right) => right.cosine - left.cosine || left.item - right.item);
  return kept.slice(0, NEIGHBOURS).map((neighbour) => neighbour.item);
}

function cosine({ itemFactors, rank, biased }: ItemFactors, left: number, right: number): number {
  let product = 0;
  let leftSquare = 0;
  let rightSquare = 0;
  for (let k = 0; k < (biased ? rank - 1 : rank); k++) {
    const a = itemFactors[left * rank + k]!;
    const b = itemFactors[right * rank + k]!;
    product += a * b;
    leftSquare += a * a;
    rightSquare += b * b;
  }
  return product === 0 ? 0 : product / Math.sqrt(leftSquare * rightSquare);
}

function reasonOf(
  { input, settings, scores }: Explainable,
  label: Label,
  { kappa, margin, popularity }: { kappa: number; margin: number; popularity: number },
  neighbours: readonly string[],
): string {
  const best = `best${kappa === 1 ? "" : ` ${kappa}`}${settings.threshold === "observed" ? " of their own" : ""}`;
  const place = `Ranks ${label.rank} of ${input.items.size} for this user, whose ${best} ${kappa === 1 ? "is" : "are"} kept`;
  const strength = `it matches ${percent(margin)} as well as ${kappa === 1 ? "that one" : "the last of those"}`;
  const crowd = popularity === 1 ? "nobody else chose it" : `${popularity} users chose it`;
  const reason = `${place}; ${strength}; ${crowd}`;
  if (neighbours.length > 0) {
    return `${reason}; nearest kept: ${neighbours.map((id) => printable(id)).join(", ")}.`;
  }
  return scores?.kind === "factors" ? `${reason}; none of the user's own items is kept.` : `${reason}.`;
}

/** A share below 1, never rounded up to all or down to nothing. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value < 0.01) return "less than 0.01%";
  return `${value < 9.9 ? value.toPrecision(2) : Math.floor(value)}%`;
}
