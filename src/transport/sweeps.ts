import type { Engine, SinkhornKernel } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { type BlockInput, type BlockTask, strip } from "../parallel/block-task.ts";
import { shapeOf, type TransportCost } from "./costs.ts";

/** Users whose columns are summed before sums are handed on; the kernels ask for a multiple of 16. */
const USERS = 512;

/** Sinkhorn's kernel and weights. The arrays are in shared memory where several threads work on them. */
export interface SweepJob {
  /** Different for each run of a process, so that a thread knows whether it has the costs loaded. */
  readonly id: number;
  /** Different whenever gamma or the offsets are. */
  readonly version: number;
  readonly engine: Engine;
  /** The caller's own, set, where no other thread works. */
  readonly kernel?: SinkhornKernel | undefined;
  readonly cost: TransportCost;
  readonly gamma: number;
  /** How hard marginals are held, rho / (rho + gamma). */
  readonly hold: number;
  /** q. */
  readonly shares: Float64Array;
  readonly offsets: Float64Array;
  readonly itemWeights: Float64Array;
  /** Filled in. */
  readonly userWeights: Float64Array;
  readonly peaks: Float64Array;
}

export interface SweepSums {
  /** Of the plan over the block's users, each over its item's weight. */
  readonly columns: Float64Array;
  readonly mass: number;
  /** Sum of |row sum - q|. */
  readonly error: number;
}

export const sweepTask: BlockTask<SweepJob, SweepSums> = {
  module: import.meta.url,
  name: "sweepBlock",
  work: sweepBlock,
  writes({ job, block }) {
    const [start, end] = usersOf(job, block);
    return [strip(job.userWeights, start, end), strip(job.peaks, start, end)];
  },
  numbering: ["id", "version"],
};

export const costTask: BlockTask<SweepJob, number> = {
  module: import.meta.url,
  name: "costBlock",
  work: costBlock,
  writes: () => [],
  numbering: ["id", "version"],
};

export function sweepBlocks(cost: TransportCost): number {
  return Math.ceil(shapeOf(cost).users / USERS);
}

/** Weighs a block's users anew. */
export function sweepBlock({ job, block }: BlockInput<SweepJob>): SweepSums {
  const kernel = kernelOf(job);
  const [start, end] = usersOf(job, block);
  const totals = new Float64Array(2);
  kernel.pass(start, end, job.itemWeights, (from, count, sums, weights) =>
    weighUsers(job, from, count, sums, weights, totals),
  );
  return { columns: kernel.takeColumns(), mass: totals[0]!, error: totals[1]! };
}

/** The weights of some users; `totals` gets their mass and error. */
function weighUsers(
  { shares, hold, peaks, userWeights }: SweepJob,
  from: number,
  count: number,
  sums: Float64Array,
  weights: Float64Array,
  totals: Float64Array,
): void {
  for (let row = 0; row < count; row++) {
    const share = shares[from + row]!;
    const sum = sums[row]!;
    const held = hold === 1 ? share / sum : softWeight(share, sum, peaks[from + row]!, hold);
    const weight = share === 0 ? 0 : held;
    userWeights[from + row] = weight;
    weights[row] = weight;
    totals[0]! += weight * sum;
    totals[1]! += Math.abs(weight * sum - share);
  }
}

function softWeight(share: number, sum: number, peak: number, hold: number): number {
  return 2 ** (Math.log2(share) - hold * Math.log2(sum) + (1 - hold) * peak);
}

/** The sum of cost times mass over a block's users. */
export function costBlock({ job, block }: BlockInput<SweepJob>): number {
  const [start, end] = usersOf(job, block);
  const sums = new Float64Array(end - start);
  kernelOf(job).paid(start, end, job.itemWeights, sums);
  let total = 0;
  for (let user = start; user < end; user++) total += sums[user - start]! * job.userWeights[user]!;
  return total;
}

function usersOf(job: SweepJob, block: number): [number, number] {
  return [block * USERS, Math.min((block + 1) * USERS, shapeOf(job.cost).users)];
}

let loaded: { readonly id: number; readonly kernel: SinkhornKernel; version: number } | undefined;

function kernelOf(job: SweepJob): SinkhornKernel {
  if (job.kernel !== undefined) return job.kernel;
  if (loaded?.id !== job.id) {
    loaded = { id: job.id, kernel: loadKernels(job.engine).sinkhorn(job.cost), version: -1 };
  }
  if (loaded.version !== job.version) {
    loaded.kernel.set(job.gamma, job.offsets, job.peaks);
    loaded.version = job.version;
  }
  return loaded.kernel;
}
