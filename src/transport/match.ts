import type { SparseMatrix } from "../linalg/sparse.ts";
import { inSteps, type RunOptions } from "../progress.ts";
import { fillScores, type Scores } from "../scores.ts";
import { blockCount, blockRange } from "./blocks.ts";
import { columnLogSums } from "./columns.ts";
import type { Marginals } from "./marginals.ts";
import { ranksOf } from "./ranks.ts";
import { planRow, type Side } from "./relaxed.ts";
import { splitRow } from "./split.ts";

/** Where a user's row is split: by Eq. 20 over all items, by Eq. 20 over the user's own items, or after K items. */
export type Threshold = "personal" | "observed" | { readonly global: number };

export interface MatchOptions extends RunOptions {
  /** Temperature of the entropy, gamma of Eq. 4. */
  readonly gamma: number;
  readonly side: Side;
  readonly threshold: Threshold;
}

/** What the transport says of the observed interactions; nothing here has M x N numbers. */
export interface Matching {
  /** rho of each interaction: its share of the user's row of the plan. */
  readonly match: Float32Array;
  /** 1 + number of items strictly better in the user's row, over all items. */
  readonly rank: Uint32Array;
  /** Items above each user's threshold. */
  readonly kappa: Uint32Array;
  /** theta: rho of each user's kappa-th item; 0 for a user without interactions. */
  readonly threshold: Float32Array;
  /** Sum of the plan. Above 1 for "relaxed", whose plan is no coupling. */
  readonly planMass: number;
  /** <M, pi> + gamma H(pi), the quantity of Proposition 2. */
  readonly transportCost: number;
  /** Largest minus smallest score / gamma; above 80 the plan is nearly one-hot. */
  readonly scoreRange: number;
}

/**
 * Matches users to items by the relaxed closed form and splits every user's row.
 * Two passes over the scores: the items' sums, then row by row everything else.
 * @param matrix the observed interactions
 */
export async function matchInteractions(
  scores: Scores,
  matrix: SparseMatrix,
  marginals: Marginals,
  options: MatchOptions,
): Promise<Matching> {
  const { gamma, side } = options;
  const itemSide = new Float64Array(scores.items);
  if (side !== "user-side") {
    const sums = await columnLogSums(scores, gamma, options);
    for (let item = 0; item < scores.items; item++)
      itemSide[item] = Math.log(marginals.items[item]!) - sums[item]!;
  }
  const size = matrix.indices.length;
  const users = matrix.rows;
  const result = {
    match: new Float32Array(size),
    rank: new Uint32Array(size),
    kappa: new Uint32Array(users),
    threshold: new Float32Array(users),
  };
  const mass = new Float64Array(users);
  const cost = new Float64Array(users);
  let low = Infinity;
  let high = -Infinity;
  await inSteps("rows", blockCount(users), options, (block) => {
    const { start, end } = blockRange(block, users);
    const rows = new Float32Array((end - start) * scores.items);
    fillScores(scores, start, end, rows);
    for (let user = start; user < end; user++) {
      const row = rows.subarray((user - start) * scores.items, (user - start + 1) * scores.items);
      for (const score of row) {
        if (score < low) low = score;
        if (score > high) high = score;
      }
      const plan = planRow(row, gamma, itemSide, marginals.users[user]!, side, row);
      mass[user] = Math.exp(plan.logScale) * plan.total;
      cost[user] = Math.exp(plan.logScale) * plan.cost;
      const from = matrix.offsets[user]!;
      const to = matrix.offsets[user + 1]!;
      if (from === to) continue;
      const observed = Float32Array.from(matrix.indices.subarray(from, to), (item) => row[item]!);
      result.rank.set(ranksOf(observed, row), from);
      const { kappa, threshold } = splitAt(options.threshold, row, observed);
      result.kappa[user] = kappa;
      result.threshold[user] = threshold / plan.total;
      for (let index = 0; index < observed.length; index++)
        result.match[from + index] = observed[index]! / plan.total;
    }
  });
  return {
    ...result,
    planMass: sum(mass),
    transportCost: gamma * sum(cost),
    scoreRange: (high - low) / gamma,
  };
}

function splitAt(threshold: Threshold, row: Float32Array, observed: Float32Array) {
  if (threshold === "personal") return splitRow(row);
  if (threshold === "observed") return splitRow(observed);
  const kappa = Math.min(threshold.global, row.length);
  return { kappa, threshold: Float32Array.from(row).sort()[row.length - kappa]! };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
