import { denoiseBytes } from "../denoise/memory.ts";

/** What a run of NCE-PLRec and the relaxed transport on a cluster depends on. */
export interface ClusterShape {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly factors: number;
  /** Of each worker. */
  readonly threads: number;
  /** Share of the pairs that the items' sums form one by one; 1 with `--exact-columns`. */
  readonly nearShare?: number;
}

/** Bytes. */
export interface ClusterEstimate {
  /** Memory of the run's own process, which has the log. */
  readonly runMemory: number;
  /** Memory of a worker at its largest job. */
  readonly workerMemory: number;
  /** Of that, what each thread's kernels hold in one WebAssembly memory, 4 GiB at most. */
  readonly kernelMemory: number;
  /** What the run writes to the store and every worker reads once. */
  readonly inputs: number;
  /** What workers write to the store and the run reads once. */
  readonly results: number;
}

/** Columns that the randomized SVD carries beyond the rank, and its products. */
const OVERSAMPLING = 10;
const PRODUCTS = 8;
/** Users times items of a block of near sums, and its users at least. */
const NEAR_PAIRS = 2 ** 26;
const NEAR_USERS = 512;
/** Near share at Yahoo's shape, `bench/results/growth.json`. */
const NEAR_SHARE = 0.078;
/** Node, and a thread of it, before any data. */
const RUNTIME = 65e6;
const THREAD = 25e6;

/**
 * Memory and bytes moved of a run, by adding up the arrays of its jobs: the sparse products of the fit, the items' sums, the
 * row pass. A calculation; docs/cluster-arithmetic.md holds it against a run.
 */
export function estimateCluster(shape: ClusterShape): ClusterEstimate {
  const { users, items, interactions, factors, threads, nearShare = NEAR_SHARE } = shape;
  const width = factors + OVERSAMPLING;
  const side = Math.min(users, items);
  const pattern = 4 * (users + 1) + 4 * interactions;
  const turned = users < items ? 4 * (items + 1) + 4 * interactions : 0;
  const values = 4 * interactions;
  const basis = 8 * width * side;
  const embeddings = 4 * factors * (users + items);
  const columns = 24 * items;
  const matches = 8 * interactions + 32 * users;
  const kernelMemory = 8 * factors * items;

  const gramJob = pattern + values + 2 * basis;
  const timesJob = pattern + values + 8 * factors * items + 4 * factors * users;
  const rowJob = pattern + values + embeddings + columns + matches + threads * kernelMemory;
  const nearSums = (16 * nearShare * users * items) / Math.max(NEAR_USERS, NEAR_PAIRS / items);
  return {
    runMemory: denoiseBytes(
      { rows: users, columns: items, indices: { length: interactions } },
      factors,
      true,
    ),
    workerMemory: RUNTIME + threads * THREAD + Math.max(gramJob, timesJob, rowJob),
    kernelMemory,
    inputs: pattern + turned + 2 * values + PRODUCTS * basis + 8 * factors * items + embeddings + columns,
    results: PRODUCTS * basis + 8 * factors * items + 4 * factors * users + nearSums + matches,
  };
}
