import { corrupt } from "../../interactions/corrupt.ts";
import type { Interactions } from "../../interactions/interactions.ts";

/** What an entry of a log with decoys is. */
export const OBSERVED = 0;
export const UNIFORM = 1;
export const POPULAR = 2;

/** A log with decoys: made-up clicks that stand for accidental ones. */
export interface Decoyed {
  readonly interactions: Interactions;
  /** OBSERVED, UNIFORM or POPULAR for each entry; the observed ones keep the order they had. */
  readonly kinds: Uint8Array;
}

/** Decoys of either kind as a share of the log. */
const RATE = 0.07;

/**
 * The log with 7% clicks on items drawn in proportion to their popularity and 7% on uniformly random ones, users in
 * proportion to their clicks; none is a pair of the log.
 */
export function withDecoys(interactions: Interactions, seed: number): Decoyed {
  const popular = corrupt(interactions, { kind: "popular", rate: RATE, seed });
  const uniform = corrupt(popular.interactions, { kind: "add", rate: RATE / (1 + RATE), seed });
  let next = 0;
  const kinds = uniform.noise.map((added) => {
    if (added === 1) return UNIFORM;
    return popular.noise[next++] === 1 ? POPULAR : OBSERVED;
  });
  return { interactions: uniform.interactions, kinds };
}
