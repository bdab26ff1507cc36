import { findEntry } from "../linalg/sparse.ts";
import type { Labelled } from "./outcome.ts";

/** What a denoised interaction gets: the values of `ADDED_COLUMNS`. */
export interface Label {
  readonly weight: number;
  readonly relevance: number;
  readonly match: number;
  readonly threshold: number;
  readonly rank: number;
  readonly noise: 0 | 1;
}

/** The columns that are added to a log, in order. */
export const ADDED_COLUMNS = [
  { name: "weight", kind: "number", bits: 32 },
  { name: "relevance", kind: "number", bits: 32 },
  { name: "match", kind: "number", bits: 32 },
  { name: "threshold", kind: "number", bits: 32 },
  { name: "rank", kind: "integer", bits: 32 },
  { name: "noise", kind: "integer", bits: 32 },
] as const;

/** The label of the interaction at position `entry`, which is `user`'s. */
export function labelAt(denoised: Labelled, user: number, entry: number): Label {
  const { matching } = denoised;
  return {
    weight: denoised.weights[entry]!,
    relevance: denoised.relevance[entry]!,
    match: matching.match[entry]!,
    threshold: matching.threshold[user]!,
    rank: matching.rank[entry]!,
    noise: denoised.noise[entry] === 1 ? 1 : 0,
  };
}

/** A pair's label in the order of `ADDED_COLUMNS`, in an array that the next call fills anew; undefined for a pair that is none. */
export function labelReader(denoised: Labelled): (user: string, item: string) => Float64Array | undefined {
  const { input, weights, relevance, matching, noise } = denoised;
  const values = new Float64Array(ADDED_COLUMNS.length);
  return (user, item) => {
    const row = input.users.indexOf(user);
    const column = input.items.indexOf(item);
    const entry = row < 0 || column < 0 ? -1 : findEntry(input.matrix, row, column);
    if (entry < 0) return undefined;
    values[0] = weights[entry]!;
    values[1] = relevance[entry]!;
    values[2] = matching.match[entry]!;
    values[3] = matching.threshold[row]!;
    values[4] = matching.rank[entry]!;
    values[5] = noise[entry]!;
    return values;
  };
}
