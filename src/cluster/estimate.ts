import { denoiseBytes } from "../denoise/memory.ts";

/** What a run's fit and transport on a cluster depend on. */
export interface ClusterShape {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly factors: number;
  /** Of each worker. */
  readonly threads: number;
  /** Of the run's own process, which work on what doesn't go to the cluster. */
  readonly ownThreads?: number;
  /** Sparse products (SVD, NCE-PLRec), passes over both sides (WRMF), or none of it on the cluster. */
  readonly fit?: "products" | { readonly passes: number } | "none";
  /** Column sums and rows (relaxed, item-side, user-side), sweeps (sinkhorn, unbalanced), or none of it on the cluster. */
  readonly transport?: "rows" | "sweeps" | "none";
  /** Share of the pairs that the items' sums form one by one; 1 with `--exact-columns`. */
  readonly nearShare?: number;
}

/** Bytes of one round. */
export interface ClusterEstimate {
  /** Memory of the run's own process, which has the log. */
  readonly runMemory: number;
  /** Memory of a worker at its largest job. */
  readonly workerMemory: number;
  /** Of that, what each thread's kernels hold in one WebAssembly memory, 4 GiB at most. */
  readonly kernelMemory: number;
  /** What the run writes to the store and every worker reads once. */
  readonly inputs: number;
  /** What workers write to the store and the run reads once; sweeps add to both as often as they are made. */
  readonly results: number;
}

/** What a part of a run takes. */
type Part = Pick<ClusterEstimate, "inputs" | "results"> & { readonly job: number };

/** Columns that the randomized SVD carries beyond the rank, and its products. */
const OVERSAMPLING = 10;
const PRODUCTS = 8;
/** Rows and entries of a block of least squares. */
const SOLVED_ROWS = 4096;
const SOLVED_ENTRIES = 2 ** 18;
/** Users times items of a block of near sums, and its users at least. */
const NEAR_PAIRS = 2 ** 26;
const NEAR_USERS = 512;
/** Near share at Yahoo's shape, `bench/results/growth.json`. */
const NEAR_SHARE = 0.078;
/** Node, and a thread of it, before any data. */
const RUNTIME = 65e6;
const THREAD = 25e6;
/**
 * Seconds of a thread for each pair of user and item and each factor in the transport, and for each interaction and factor
 * in a fit of sparse products: the whole of Yahoo's shape in `bench/results/growth.json`, relaxed-simd.
 */
const PAIR_SECONDS = 7.64e-11;
const FIT_SECONDS = 4.44e-8;

const NOTHING: Part = { job: 0, inputs: 0, results: 0 };

/**
 * Memory and bytes moved of a run, by adding up the arrays of its jobs. A calculation; docs/cluster-arithmetic.md holds it
 * against a run.
 */
export function estimateCluster(shape: ClusterShape): ClusterEstimate {
  const { users, items, interactions, factors, threads, ownThreads = 0, fit = "products" } = shape;
  const kernelMemory = 8 * factors * items;
  const fitted = fit === "products" ? products(shape) : fit === "none" ? NOTHING : passes(shape, fit.passes);
  const { transport = "rows" } = shape;
  const moved =
    transport === "rows" ? rows(shape, kernelMemory) : transport === "none" ? NOTHING : sweeps(shape);
  const matrix = { rows: users, columns: items, indices: { length: interactions } };
  return {
    runMemory: denoiseBytes(matrix, factors, fit !== "none", ownThreads),
    workerMemory: RUNTIME + threads * THREAD + Math.max(fitted.job, moved.job),
    kernelMemory: transport === "none" ? 0 : kernelMemory,
    inputs: patternOf(shape) + 4 * interactions + fitted.inputs + moved.inputs,
    results: fitted.results + moved.results,
  };
}

/**
 * Seconds of one thread for what goes to the cluster in a round, as measured with relaxed-simd for NCE-PLRec and the relaxed
 * transport on one machine.
 */
export function clusterSeconds(shape: ClusterShape): number {
  const { users, items, interactions, factors, nearShare = NEAR_SHARE, fit = "products" } = shape;
  const transport = PAIR_SECONDS * users * items * (1 + nearShare) * factors;
  return transport + (fit === "products" ? FIT_SECONDS * interactions * (factors + OVERSAMPLING) : 0);
}

function embeddingsOf({ users, items, factors }: ClusterShape): number {
  return 4 * factors * (users + items);
}

function patternOf({ users, interactions }: ClusterShape): number {
  return 4 * (users + 1) + 4 * interactions;
}

function products(shape: ClusterShape): Part {
  const { users, items, interactions, factors } = shape;
  const basis = 8 * (factors + OVERSAMPLING) * Math.min(users, items);
  const matrix = patternOf(shape) + 4 * interactions;
  const turned = users < items ? 4 * (items + 1) + 4 * interactions : 0;
  const loadings = 8 * factors * items;
  return {
    job: matrix + Math.max(2 * basis, loadings + 4 * factors * users),
    inputs: turned + PRODUCTS * basis + loadings + 4 * interactions,
    results: PRODUCTS * basis + loadings + 4 * factors * users,
  };
}

/** Each pass reads the factors that the one before wrote, and gives Gram matrices beside its own. */
function passes(shape: ClusterShape, count: number): Part {
  const { users, items, interactions, factors } = shape;
  const embeddings = embeddingsOf(shape);
  const matrix = Math.max(patternOf(shape), 4 * (items + 1) + 4 * interactions) + 4 * interactions;
  const blocks = (users + items) / SOLVED_ROWS + (2 * interactions) / SOLVED_ENTRIES + 2;
  const turned = 4 * (items + 1) + 8 * interactions;
  return {
    job: matrix + embeddings,
    inputs: turned + count * embeddings,
    results: 4 * factors * users + count * (embeddings + 8 * factors ** 2 * blocks),
  };
}

function rows(shape: ClusterShape, kernelMemory: number): Part {
  const { users, items, interactions, threads, nearShare = NEAR_SHARE } = shape;
  const embeddings = embeddingsOf(shape);
  const columns = 24 * items;
  const matches = 8 * interactions + 32 * users;
  const nearSums = (16 * nearShare * users * items) / Math.max(NEAR_USERS, NEAR_PAIRS / items);
  return {
    job: patternOf(shape) + 4 * interactions + embeddings + columns + matches + threads * kernelMemory,
    inputs: embeddings + columns,
    results: nearSums + matches,
  };
}

function sweeps(shape: ClusterShape): Part {
  const { users, items, factors, threads } = shape;
  const embeddings = embeddingsOf(shape);
  const weights = 16 * users + 16 * items;
  return {
    job: embeddings + weights + threads * (8 * factors * items + 8 * items),
    inputs: embeddings + weights,
    results: 0,
  };
}
