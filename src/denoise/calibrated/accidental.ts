import { densityRatio } from "./density-ratio.ts";
import { noiseShare } from "./noise-share.ts";
import type { ScoredRows } from "./scored-rows.ts";

/** A row's chance of being an accidental click of one kind, in each part: share x density ratio, at most 1. */
export function accidentalShares(parts: readonly ScoredRows[]): Float32Array[] {
  const share = noiseShare(parts);
  return parts.map((part) =>
    densityRatio(part).map((ratio, row) => Math.min(1, share(part.userClicks[row]!) * ratio)),
  );
}
