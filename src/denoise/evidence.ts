import { printable } from "../io/printable.ts";
import { columnCounts } from "../linalg/sparse.ts";
import type { FactorScores } from "../scores.ts";
import { type Label, labelAt } from "./label.ts";
import type { DenoiseOutcome } from "./outcome.ts";

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

/** The flagged interactions, smallest margin first (ties in row order), at most `limit`. */
export function* flaggedInteractions(denoised: DenoiseOutcome, limit = Infinity): Generator<Flag> {
  const { input, matching } = denoised;
  const { indices } = input.matrix;
  const { entries, userOf, marginOf } = flaggedEntries(denoised);
  const popularity = columnCounts(input.matrix);
  const count = Math.min(limit, entries.length);
  for (let position = 0; position < count; position++) {
    const entry = entries[position]!;
    const user = userOf[entry]!;
    const item = indices[entry]!;
    const label = labelAt(denoised, user, entry);
    const measures = {
      kappa: matching.kappa[user]!,
      margin: marginOf[entry]!,
      popularity: popularity[item]!,
    };
    const neighbours = nearestKept(denoised, user, item).map((kept) => input.items.at(kept));
    yield {
      user: input.users.at(user),
      item: input.items.at(item),
      ...label,
      evidence: { ...measures, neighbours, reason: reasonOf(denoised, label, measures, neighbours) },
    };
  }
}

/** Positions of the flagged interactions, worst first, with every interaction's user and margin. */
function flaggedEntries({ input, matching, noise }: DenoiseOutcome) {
  const { offsets } = input.matrix;
  const userOf = new Uint32Array(noise.length);
  const marginOf = new Float64Array(noise.length);
  const entries = new Uint32Array(noise.length);
  let size = 0;
  for (let user = 0; user < input.users.size; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      userOf[entry] = user;
      marginOf[entry] = matching.match[entry]! / matching.threshold[user]!;
      if (noise[entry] === 1) entries[size++] = entry;
    }
  }
  const worstFirst = (left: number, right: number) => marginOf[left]! - marginOf[right]! || left - right;
  return { entries: entries.slice(0, size).sort(worstFirst), userOf, marginOf };
}

/** The user's kept items with the largest cosine to `item`; none where the scores have no factors. */
function nearestKept({ input, noise, scores }: DenoiseOutcome, user: number, item: number): number[] {
  if (scores.kind !== "factors") return [];
  const { offsets, indices } = input.matrix;
  const kept: { item: number; cosine: number }[] = [];
  for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
    if (noise[entry] === 0)
      kept.push({ item: indices[entry]!, cosine: cosine(scores, item, indices[entry]!) });
  }
  kept.sort((left, right) => right.cosine - left.cosine || left.item - right.item);
  return kept.slice(0, NEIGHBOURS).map((neighbour) => neighbour.item);
}

function cosine({ itemFactors, rank }: FactorScores, left: number, right: number): number {
  let product = 0;
  let leftSquare = 0;
  let rightSquare = 0;
  for (let k = 0; k < rank; k++) {
    const a = itemFactors[left * rank + k]!;
    const b = itemFactors[right * rank + k]!;
    product += a * b;
    leftSquare += a * a;
    rightSquare += b * b;
  }
  return product === 0 ? 0 : product / Math.sqrt(leftSquare * rightSquare);
}

function reasonOf(
  { input, settings, scores }: DenoiseOutcome,
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
  return scores.kind === "factors" ? `${reason}; none of the user's own items is kept.` : `${reason}.`;
}

/** A share below 1, never rounded up to all or down to nothing. */
function percent(share: number): string {
  const value = 100 * share;
  if (value < 0.01) return "less than 0.01%";
  return `${value < 9.9 ? value.toPrecision(2) : Math.floor(value)}%`;
}
