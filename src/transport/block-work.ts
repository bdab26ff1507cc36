import type { ColumnSums, Engine, RowMatches, TransportKernel } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";
import { type BlockInput, type BlockTask, strip } from "../parallel/block-task.ts";
import { fillScores, type Scores } from "../scores.ts";

/** Users whose columns are summed before sums are handed on; the kernels ask for a multiple of 256. */
const COLUMN_USERS = 1024;
/** Users whose rows make one block. */
const ROW_USERS = 256;
/** Users whose scores are held at a time where there are no factors. */
const HELD_USERS = 64;

/** One transport step. Its arrays are in shared memory where several threads work on it. */
export interface TransportJob {
  /** Different for each step of a process, so that a thread knows whether it has the items loaded. */
  readonly id: number;
  readonly engine: Engine;
  readonly scores: Scores;
  readonly gamma: number;
}

/** The second pass: what each user's row of the plan says of the observed interactions. */
export interface RowJob extends TransportJob {
  readonly matrix: SparseMatrix;
  /** The items' side of the plan, if it has one. */
  readonly items?: { readonly columns: ColumnSums; readonly shares: Float64Array } | undefined;
  /** q of each user, if the plan has a users' side. */
  readonly userShares?: Float64Array | undefined;
  /** How many items each row keeps; without it the personal split decides. */
  readonly kept?: number | undefined;
  /** Filled in: a number an interaction or a user. */
  readonly out: RowMatches;
}

export const columnTask: BlockTask<TransportJob, ColumnSums> = {
  module: import.meta.url,
  name: "columnBlock",
  work: columnBlock,
  writes: () => [],
  numbering: ["id"],
};

export const rowTask: BlockTask<RowJob, void> = {
  module: import.meta.url,
  name: "rowBlock",
  work: rowBlock,
  writes({ job: { scores, matrix, out }, block }) {
    const [start, end] = [block * ROW_USERS, Math.min((block + 1) * ROW_USERS, scores.users)];
    const [first, last] = [matrix.offsets[start]!, matrix.offsets[end]!];
    return [
      ...[out.match, out.rank].map((array) => strip(array, first, last)),
      ...[out.kappa, out.threshold, out.mass, out.cost, out.low, out.high].map((array) =>
        strip(array, start, end),
      ),
    ];
  },
  numbering: ["id"],
};

export function columnBlocks(users: number): number {
  return Math.ceil(users / COLUMN_USERS);
}

export function rowBlocks(users: number): number {
  return Math.ceil(users / ROW_USERS);
}

/** The column sums of one block of users. */
export function columnBlock({ job, block }: BlockInput<TransportJob>): ColumnSums {
  const kernel = kernelOf(job);
  for (const rows of userRows(job.scores, block * COLUMN_USERS, COLUMN_USERS)) kernel.addColumns(rows.values);
  return kernel.takeColumns();
}

/** Matches the users of one block, into the job's arrays. */
export function rowBlock({ job, block }: BlockInput<RowJob>): void {
  const { matrix, userShares, kept, out } = job;
  const kernel = rowKernelOf(job);
  for (const { start, end, values } of userRows(job.scores, block * ROW_USERS, ROW_USERS)) {
    const first = matrix.offsets[start]!;
    const last = matrix.offsets[end]!;
    kernel.matchRows(
      {
        rows: values,
        shares: userShares?.subarray(start, end),
        offsets: matrix.offsets.subarray(start, end + 1),
        indices: matrix.indices.subarray(first, last),
        kept,
      },
      {
        match: out.match.subarray(first, last),
        rank: out.rank.subarray(first, last),
        kappa: out.kappa.subarray(start, end),
        threshold: out.threshold.subarray(start, end),
        mass: out.mass.subarray(start, end),
        cost: out.cost.subarray(start, end),
        low: out.low.subarray(start, end),
        high: out.high.subarray(start, end),
      },
    );
  }
}

/** Lets go of the memory that the last step's kernel holds in this thread. */
export function releaseKernel(): void {
  loaded = undefined;
}

let jobs = 0;

/** A new step. */
export function transportJob<Kind extends Scores>(engine: Engine, scores: Kind, gamma: number) {
  return { id: jobs++, engine, scores, gamma };
}

let loaded: { readonly job: number; readonly kernel: TransportKernel; hasItemSide: boolean } | undefined;

export function kernelOf(job: TransportJob): TransportKernel {
  if (loaded?.job !== job.id) {
    loaded = {
      job: job.id,
      kernel: loadKernels(job.engine).transport(job.scores, job.gamma),
      hasItemSide: false,
    };
  }
  return loaded.kernel;
}

function rowKernelOf(job: RowJob): TransportKernel {
  const kernel = kernelOf(job);
  if (!loaded!.hasItemSide) {
    kernel.setItemSide(job.items?.columns, job.items?.shares);
    loaded!.hasItemSide = true;
  }
  return kernel;
}

/** A block's users as the kernels take them: their factors, or some users' scores at a time. */
function* userRows(scores: Scores, from: number, count: number) {
  const last = Math.min(from + count, scores.users);
  if (scores.kind === "factors") {
    const { userFactors, rank } = scores;
    yield { start: from, end: last, values: userFactors.subarray(from * rank, last * rank) };
    return;
  }
  for (let start = from; start < last; start += HELD_USERS) {
    const end = Math.min(start + HELD_USERS, last);
    const values = new Float32Array((end - start) * scores.items);
    fillScores(scores, start, end, values);
    yield { start, end, values };
  }
}
