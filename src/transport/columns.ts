import { inSteps, type RunOptions } from "../progress.ts";
import { fillScores, type Scores } from "../scores.ts";
import { blockCount, blockRange } from "./blocks.ts";

/** Per item, the largest x = score / gamma of some users and the sum of exp(x - largest). */
export interface ColumnSums {
  readonly largest: Float64Array;
  readonly sum: Float64Array;
}

/** log sum over all users of exp(score / gamma), an item a number; sums run in block order. */
export async function columnLogSums(
  scores: Scores,
  gamma: number,
  options: RunOptions,
): Promise<Float64Array> {
  const { items } = scores;
  const total: ColumnSums = {
    largest: new Float64Array(items).fill(-Infinity),
    sum: new Float64Array(items),
  };
  await inSteps("columns", blockCount(scores.users), options, (block) => {
    const { start, end } = blockRange(block, scores.users);
    mergeColumnSums(total, columnSumsOf(scores, gamma, start, end));
  });
  return total.sum.map((sum, item) => total.largest[item]! + Math.log(sum));
}

/** The column sums of users start..end-1. */
export function columnSumsOf(scores: Scores, gamma: number, start: number, end: number): ColumnSums {
  const { items } = scores;
  const rows = new Float32Array((end - start) * items);
  fillScores(scores, start, end, rows);
  const largest = new Float64Array(items).fill(-Infinity);
  for (let row = 0; row < rows.length; row += items) {
    for (let item = 0; item < items; item++) largest[item] = Math.max(largest[item]!, rows[row + item]!);
  }
  const sum = new Float64Array(items);
  for (let row = 0; row < rows.length; row += items) {
    for (let item = 0; item < items; item++)
      sum[item]! += Math.exp((rows[row + item]! - largest[item]!) / gamma);
  }
  return { largest: largest.map((value) => value / gamma), sum };
}

/** Adds the sums of further users to `total`. */
export function mergeColumnSums(total: ColumnSums, block: ColumnSums): void {
  for (let item = 0; item < total.sum.length; item++) {
    const before = total.largest[item]!;
    const largest = Math.max(before, block.largest[item]!);
    total.sum[item] =
      total.sum[item]! * Math.exp(before - largest) +
      block.sum[item]! * Math.exp(block.largest[item]! - largest);
    total.largest[item] = largest;
  }
}
