import { matchedScores } from "../denoise/network-score.ts";
import { solverOf } from "../denoise/prorec.ts";
import { ProRecError } from "../errors.ts";
import type { RunOptions } from "../progress.ts";
import { popularityMarginals, uniformMarginals } from "../transport/marginals.ts";
import type { Side } from "../transport/match.ts";
import type { Plan } from "../transport/plan.ts";
import { relaxedPlan } from "../transport/relaxed.ts";
import { transport } from "../transport/transport.ts";
import type { Explored } from "./explored.ts";
import type { Curve } from "./messages.ts";

/** Multiplications that the first look at a row may cost where the items' sums were not kept: some ten seconds of one core. */
const MOST_WORK = 1e11;
/** Ranks of a curve: all of the first, then so many a doubling. */
const FIRST = 64;
const A_DOUBLING = 32;

/**
 * The run's plan again, whose rows no run keeps. For the closed forms from the items' sums, where there are any.
 * @throws ProRecError NOT_FITTED without scores; TOO_LARGE; ABORTED
 */
export async function planOf(explored: Explored, options: RunOptions = {}): Promise<Plan> {
  const { scores, settings, input } = explored;
  if (scores === undefined) {
    throw new ProRecError("NOT_FITTED", "The run did not keep its model's scores.");
  }
  const { users, items } = scores;
  const { columns } = explored.matching;
  const work = users * items * (scores.kind === "factors" ? scores.rank : 1);
  if (columns === undefined && work > MOST_WORK) {
    throw new ProRecError("TOO_LARGE", `the whole row takes a pass over all ${users} x ${items} pairs.`);
  }
  const { gamma, transport: side, marginals: kind } = settings;
  const matched = matchedScores(scores, settings.networkScore);
  const marginals = (kind === "uniform" ? uniformMarginals : popularityMarginals)(input.matrix);
  const solver = solverOf(settings);
  return solver === undefined
    ? relaxedPlan(matched, marginals, { gamma, side: side as Side }, options, columns)
    : (await transport(matched, marginals, solver, options)).plan;
}

/** rho of all items for a user: the shares of the row of the plan. */
export function sharesOf(plan: Plan, user: number): Float32Array {
  const row = new Float64Array(plan.items);
  plan.fill(user, row);
  const total = row.reduce((sum, mass) => sum + mass, 0);
  return Float32Array.from(row, (mass) => (total > 0 ? mass / total : 0));
}

/** The shares in descending order at some ranks: those given and others close enough together to draw a line. */
export function curveOf(shares: Float32Array, given: Iterable<number>): Curve {
  const descending = shares.slice().sort().reverse();
  const ranks = new Set<number>([...given, descending.length]);
  for (let rank = 1; rank <= Math.min(FIRST, descending.length); rank++) ranks.add(rank);
  for (let rank = FIRST; rank < descending.length; rank *= 2 ** (1 / A_DOUBLING)) ranks.add(Math.round(rank));
  const sorted = Array.from(ranks)
    .filter((rank) => rank >= 1 && rank <= descending.length)
    .sort((left, right) => left - right);
  return { ranks: sorted, matches: sorted.map((rank) => descending[rank - 1]!) };
}
