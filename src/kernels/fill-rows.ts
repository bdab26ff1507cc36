import type { Scores } from "../scores.ts";
import { loadKernels } from "./load.ts";

/** Fills rows of scores, users start..end-1 at a time, as `fillScores` does, but at the speed of the kernels: the items are packed once. */
export function rowFiller(scores: Scores): (start: number, end: number, out: Float32Array) => void {
  if (scores.kind === "rows") return (start, end, out) => scores.fill(start, end, out);
  const { rank, items, userFactors, itemFactors } = scores;
  const factor = loadKernels().rightFactor(itemFactors, { depth: rank, columns: items, transposed: true });
  return (start, end, out) => factor.multiply(userFactors.subarray(start * rank, end * rank), out);
}
