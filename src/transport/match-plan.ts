import { ProRecError } from "../errors.ts";
import { loadKernels } from "../kernels/load.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";
import { type Threads, threadCount } from "../parallel/crew.ts";
import { inSteps } from "../progress.ts";
import type { Scores } from "../scores.ts";
import { costRange } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import { type Matching, type MatchOptions, worthwhileThreads } from "./match.ts";
import type { SolverReport, TransportResult } from "./result.ts";
import type { Solver } from "./solvers.ts";
import { transport } from "./transport.ts";

/**
 * What `matchInteractions` says, of any solver's plan. A user without mass matches nothing: its interactions and its
 * threshold are 0.
 * @throws ProRecError NOT_CONVERGED if the solver stopped before its goal, and what `transport` throws
 */
export async function matchByPlan(
  scores: Scores,
  matrix: SparseMatrix,
  marginals: Marginals,
  solver: Solver,
  options: Omit<MatchOptions, "side" | "exactColumns">,
): Promise<Matching> {
  const { gamma, threshold, threads } = options;
  const kernels = loadKernels(options.engine);
  const result = await transport(scores, marginals, solver, options);
  assertArrived(result);
  const { low, high } = await costRange(scores, options);
  const { offsets, indices } = matrix;
  const match = new Float32Array(indices.length);
  const rank = new Uint32Array(indices.length);
  const kappa = new Uint32Array(matrix.rows);
  const thresholds = new Float32Array(matrix.rows);
  const row = new Float64Array(matrix.columns);
  let entropy = 0;
  await inSteps("rows", Math.ceil(matrix.rows / USERS), options, (block) => {
    for (let user = block * USERS; user < Math.min((block + 1) * USERS, matrix.rows); user++) matchUser(user);
  });
  const entropic = "gamma" in solver ? gamma * entropy : 0;
  return {
    ...{ match, rank, kappa, threshold: thresholds, engine: kernels.engine },
    threads: Math.max(1, threadCount(planThreads(solver, scores, threads))),
    solver: reportOf(result),
    planMass: result.mass,
    transportCost: result.cost + entropic,
    scoreRange: (high - low) / gamma,
    certificate: { method: "exact", error: 0, nearShare: 1 },
  };

  function matchUser(user: number): void {
    result.plan.fill(user, row);
    let total = 0;
    for (const mass of row) {
      total += mass;
      if (mass > 0) entropy += mass * (Math.log(mass) - 1);
    }
    const from = offsets[user]!;
    const to = offsets[user + 1]!;
    if (from === to || total === 0) {
      rank.fill(1, from, to);
      return;
    }
    const shares = Float32Array.from(row, (mass) => mass / total);
    const ascending = shares.slice().sort();
    for (let entry = from; entry < to; entry++) {
      match[entry] = shares[indices[entry]!]!;
      rank[entry] = 1 + countAbove(ascending, match[entry]!);
    }
    if (typeof threshold === "object") {
      kappa[user] = Math.min(threshold.global, shares.length);
      thresholds[user] = ascending[shares.length - kappa[user]!]!;
      return;
    }
    const split = kernels.splitRow(threshold === "observed" ? match.subarray(from, to) : shares);
    kappa[user] = split.kappa;
    thresholds[user] = split.threshold;
  }
}

/** How many threads `matchByPlan` starts. */
export function planThreads(solver: Solver, scores: Scores, threads?: Threads): Threads {
  return "gamma" in solver && scores.kind === "factors" ? worthwhileThreads(scores, threads) : 0;
}

/** Users between two breaths. */
const USERS = 32;

/** How many of the ascending values are larger. */
function countAbove(ascending: Float32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return ascending.length - low;
}

function reportOf({ status, iterations, marginalError, gap, notes }: TransportResult): SolverReport {
  return { status, iterations, marginalError, gap: gap ?? null, notes };
}

function assertArrived({ status, iterations, marginalError }: TransportResult): void {
  if (status !== "stopped") return;
  throw new ProRecError(
    "NOT_CONVERGED",
    `The transport stopped after ${iterations} iterations with its marginals off by ${marginalError.toPrecision(3)}.`,
    {
      details: { iterations, marginalError },
      hint: "Take a larger gamma, or --transport relaxed, which has no iterations.",
    },
  );
}
