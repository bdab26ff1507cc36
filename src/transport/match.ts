import { emptyColumnSums, mergeColumnSums } from "../kernels/column-sums.ts";
import type { ColumnSums, Engine } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { type SparseMatrix, sharedMatrix } from "../linalg/sparse.ts";
import { type Crew, ifWorth, openCrew, type Threads } from "../parallel/crew.ts";
import { inSharedMemory, sharedFloat32, sharedFloat64, sharedUint32 } from "../parallel/shared.ts";
import { breathing, type RunOptions, type Steps } from "../progress.ts";
import type { FactorScores, Scores } from "../scores.ts";
import {
  columnBlocks,
  columnTask,
  releaseKernel,
  rowBlocks,
  rowTask,
  type TransportJob,
  transportJob,
} from "./block-work.ts";
import type { Certificate, CertifiedSums } from "./columns/certificate.ts";
import { nearFarColumns } from "./columns/near-far.ts";
import { shared } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import type { SolverReport } from "./result.ts";

/** Which marginals the closed form meets: the items' (Eq. 5/17), the users' (Eq. 6/16), or the larger of both plans (Eq. 7). */
export type Side = "relaxed" | "item-side" | "user-side";

/** Where a user's row is split: by Eq. 20 over all items, by Eq. 20 over the user's own items, or after K items. */
export type Threshold = "personal" | "observed" | { readonly global: number };

export interface MatchOptions extends RunOptions {
  /** Temperature of the entropy, gamma of Eq. 4. */
  readonly gamma: number;
  readonly side: Side;
  readonly threshold: Threshold;
  /** Threads that compute; no effect on the result. Default 1. */
  readonly threads?: Threads | undefined;
  /** What computes; default the fastest that runs here. */
  readonly engine?: Engine | "auto" | undefined;
  /** Sum the items' columns in full even where near and far sums would be faster. Default false. */
  readonly exactColumns?: boolean | undefined;
  /** The items' sums over all users, if they are known: then `scores` may be those of some users only. */
  readonly columns?: ColumnSums | undefined;
}

/** What the transport says of the observed interactions; nothing here has M x N numbers. */
export interface Matching {
  /** rho of each interaction: its share of the user's row of the plan. */
  readonly match: Float32Array;
  /** 1 + number of items strictly better in the user's row, over all items. */
  readonly rank: Uint32Array;
  /** Items above each user's threshold; 0 for a user without interactions. */
  readonly kappa: Uint32Array;
  /** theta: rho of each user's kappa-th item; 0 for a user without interactions. */
  readonly threshold: Float32Array;
  /** Sum of the plan. Above 1 for "relaxed", whose plan is no coupling. */
  readonly planMass: number;
  /** <M, pi> + gamma H(pi), the quantity of Proposition 2. */
  readonly transportCost: number;
  /** Largest minus smallest score / gamma; above 80 the plan is nearly one-hot. */
  readonly scoreRange: number;
  /** How the items' sums came about, and how far they may be off. */
  readonly certificate: Certificate;
  /** The items' sums of exp(score / gamma) over all users, where the plan has a closed form and an item side. */
  readonly columns?: ColumnSums | undefined;
  /** Of a plan that a solver found; the closed forms have nothing to solve. */
  readonly solver?: SolverReport | undefined;
  readonly threads: number;
  readonly engine: Engine;
}

/** Multiplications below which starting threads costs more than they save: about a second of one core. */
const WORTH_THREADS = 2e10;
/** Users whose own items are split between two pauses. */
const USERS_PER_STEP = 1024;
const IN_FULL: Certificate = { method: "exact", error: 0, nearShare: 1 };

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
  const { gamma, side, threshold, threads } = options;
  const { engine } = loadKernels(options.engine);
  const crew = openCrew(matchThreads(scores, threads));
  try {
    const job = transportJob(engine, crew.threads > 0 ? shared(scores) : scores, gamma);
    const sums = side === "user-side" ? undefined : await columnSums(crew, job, options);
    const out = outputs(matrix);
    const rowJob = {
      ...job,
      matrix: crew.threads > 0 ? sharedMatrix(matrix) : matrix,
      items: sums && { columns: sums.columns, shares: inSharedMemory(marginals.items) },
      userShares: side === "item-side" ? undefined : inSharedMemory(marginals.users),
      kept: typeof threshold === "object" ? threshold.global : undefined,
      out,
    };
    await crew.run(rowTask, rowJob, rowBlocks(scores.users), { ...options, stage: "rows" });
    if (threshold === "observed") await breathing(splitObserved(matrix, out), options.signal);
    const { match, rank, kappa } = out;
    return {
      ...{ match, rank, kappa, threshold: out.threshold, threads: Math.max(1, crew.threads), engine },
      planMass: sum(out.mass),
      transportCost: gamma * sum(out.cost),
      scoreRange: largest(out.high) + largest(out.low.map((low) => -low)),
      certificate: sums?.certificate ?? { ...IN_FULL, nearShare: 0 },
      columns: sums?.columns,
    };
  } finally {
    releaseKernel();
    await crew.close();
  }
}

/** Sums of exp(score / gamma) over all users, item by item: by near and far users where that pays. */
async function columnSums(
  crew: Crew,
  job: TransportJob,
  options: MatchOptions,
): Promise<Pick<CertifiedSums, "columns" | "certificate">> {
  const { scores } = job;
  if (options.columns) return { columns: options.columns, certificate: IN_FULL };
  const certified =
    scores.kind === "factors" && !options.exactColumns
      ? await nearFarColumns(crew, { ...job, scores }, options)
      : undefined;
  return certified ?? { columns: await sumInFull(crew, job, options), certificate: IN_FULL };
}

/** Sums of exp(score / gamma) over all users, item by item, in full. */
export async function columnSumsOf(
  scores: FactorScores,
  options: RunOptions & Pick<MatchOptions, "gamma" | "threads" | "engine">,
): Promise<ColumnSums> {
  const crew = openCrew(matchThreads(scores, options.threads));
  try {
    const { engine } = loadKernels(options.engine);
    const held = crew.threads > 0 ? shared(scores) : scores;
    return await sumInFull(crew, transportJob(engine, held, options.gamma), options);
  } finally {
    releaseKernel();
    await crew.close();
  }
}

/** All pairs, added up in block order. */
async function sumInFull(crew: Crew, job: TransportJob, options: RunOptions): Promise<ColumnSums> {
  const total = emptyColumnSums(job.scores.items);
  const blocks = columnBlocks(job.scores.users);
  await crew.run(columnTask, job, blocks, { ...options, stage: "columns" }, (sums) =>
    mergeColumnSums(total, sums),
  );
  return { exponents: inSharedMemory(total.exponents), sums: inSharedMemory(total.sums) };
}

/** Eq. 20 among each user's own items. */
function* splitObserved(matrix: SparseMatrix, out: ReturnType<typeof outputs>): Steps<void> {
  const { splitRow } = loadKernels();
  for (let user = 0; user < matrix.rows; user++) {
    if (user % USERS_PER_STEP === 0) yield;
    const own = out.match.subarray(matrix.offsets[user], matrix.offsets[user + 1]);
    if (own.length === 0) continue;
    const { kappa, threshold } = splitRow(own);
    out.kappa[user] = kappa;
    out.threshold[user] = threshold;
  }
}

function outputs({ rows, indices }: SparseMatrix) {
  return {
    match: sharedFloat32(indices.length),
    rank: sharedUint32(indices.length),
    kappa: sharedUint32(rows),
    threshold: sharedFloat32(rows),
    mass: sharedFloat64(rows),
    cost: sharedFloat64(rows),
    low: sharedFloat32(rows),
    high: sharedFloat32(rows),
  };
}

/** How many threads `matchInteractions` starts. */
export function matchThreads(scores: Scores, threads?: Threads): Threads {
  return scores.kind === "factors" ? worthwhileThreads(scores, threads) : 0;
}

/** `threads`, or 0 where starting them costs more than they save. */
export function worthwhileThreads(
  { users, items, rank }: Pick<FactorScores, "users" | "items" | "rank">,
  threads?: Threads,
): Threads {
  return ifWorth(2 * users * items * rank > WORTH_THREADS, threads);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function largest(values: Float32Array): number {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  return most;
}
