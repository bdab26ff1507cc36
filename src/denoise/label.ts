import type { DenoiseOutcome } from "./outcome.ts";

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
  { name: "weight", kind: "number" },
  { name: "relevance", kind: "number" },
  { name: "match", kind: "number" },
  { name: "threshold", kind: "number" },
  { name: "rank", kind: "integer" },
  { name: "noise", kind: "integer" },
] as const;

/** The label of the interaction at position `entry`, which is `user`'s. */
export function labelAt(denoised: DenoiseOutcome, user: number, entry: number): Label {
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
