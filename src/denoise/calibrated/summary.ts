import { version } from "../../version.ts";
import type { Calibrated } from "./calibrated.ts";
import type { Rate } from "./joint-decoy.ts";

/** What `denoise --mode calibrated --json` prints, beside the gate's findings. */
export interface CalibratedSummary {
  readonly version: string;
  readonly mode: "calibrated" | "auto";
  /** "calibrated" where weights and flags were given, "none" where the log stays as it is. */
  readonly ran: "calibrated" | "none";
  readonly fdr: number;
  readonly seed: number;
  readonly threads: number;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  /** Share of accidental clicks. */
  readonly rate: Rate;
  readonly flagged: number;
  readonly flaggedShare: number;
  readonly memory: { readonly peakBytes: number };
}

export function calibratedSummary(
  calibrated: Calibrated,
  {
    mode,
    applied,
    seed,
    threads,
  }: { mode: "calibrated" | "auto"; applied: boolean; seed: number; threads: number },
): CalibratedSummary {
  const { input, fdr, accidents, flaggedCount } = calibrated;
  return {
    version,
    ...{ mode, ran: applied ? "calibrated" : "none", fdr, seed, threads },
    users: input.users.size,
    items: input.items.size,
    interactions: input.size,
    rate: accidents.rate,
    flagged: flaggedCount,
    flaggedShare: flaggedCount / input.size,
    memory: { peakBytes: process.resourceUsage().maxRSS * 1024 },
  };
}
