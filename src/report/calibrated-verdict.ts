import type { Calibrated } from "../denoise/calibrated/calibrated.ts";
import type { Gate } from "../evaluate/gate.ts";
import { count, percent } from "./table.ts";

/** What the calibrated mode found, and what came of it, in a sentence; `judged` where a gate decided. */
export function calibratedVerdict(
  { accidents, found, flaggedCount, input, fdr }: Calibrated,
  judged: Gate | null,
): string {
  const { estimate, low, high } = accidents.rate;
  const rate = `bout ${percent(estimate)} of the clicks are accidental (${percent(low)} to ${percent(high)})`;
  if (!found) return `No accidental-click noise detected (${percent(estimate)}): the log stays as it is.`;
  const flags = `${count(flaggedCount)} of ${count(input.size)} flagged, up to ${percent(fdr)} of them in error`;
  if (judged === null) return `A${rate}; ${flags}.`;
  const { verdict, t, gain } = judged.denoising;
  const effect = `denoising changes NDCG by ${percent(gain)} (t ${t.toFixed(1)})`;
  return verdict === "helps"
    ? `A${rate}; ${effect}: helps; ${flags}.`
    : `A${rate}, but ${effect}: ${verdict}, so the log stays as it is.`;
}
