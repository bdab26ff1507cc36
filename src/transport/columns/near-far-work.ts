import type { ColumnSums, Engine, QuadraticForms, Squares } from "../../kernels/kernels.ts";
import { loadKernels } from "../../kernels/load.ts";
import { type BlockInput, type BlockTask, strip } from "../../parallel/block-task.ts";
import { kernelOf, type TransportJob } from "../block-work.ts";
import { type FarField, type FarSums, openFarSums } from "./far-field.ts";
import { balancedGauge, type Gauge } from "./gauge.ts";

/** Rows that are copied together at a time. */
const GATHERED = 512;

/** Sums over blocks of rows, block b being cuts[b]..cuts[b + 1] - 1 of `order`, or of the rows as they stand. */
export interface SquaresJob {
  readonly engine: Engine;
  readonly rows: Float32Array;
  readonly width: number;
  readonly order?: Uint32Array | undefined;
  readonly cuts: Uint32Array;
}

export interface GaugeJob {
  readonly userGram: Float64Array;
  readonly itemGram: Float64Array;
  readonly rank: number;
}

/** Lengths of blocks of rows in a gauge. */
export interface LengthsJob extends SquaresJob {
  /** Different for each gauge of a process. */
  readonly id: string;
  readonly gauge: Float64Array;
  /** Filled in: a number a row. */
  readonly lengths: Float64Array;
}

/** Where each item's far field starts. */
export interface FarJob {
  /** Different for each far field of a process. */
  readonly id: string;
  readonly engine: Engine;
  readonly gamma: number;
  readonly field: FarField;
  readonly itemFactors: Float32Array;
  readonly itemLengths: Float64Array;
  /** Error that a sum may have, as a share of it. */
  readonly tolerance: number;
  /** Items of about the same length stand together: block b takes order[cuts[b]]..order[cuts[b + 1] - 1]. */
  readonly order: Uint32Array;
  readonly cuts: Uint32Array;
  /** Filled in, a number an item: the start, and what the users from there on add. */
  readonly starts: Uint32Array;
  readonly estimates: Float64Array;
  readonly errors: Float64Array;
}

/** Sums in full: block b adds users order[cuts[b]]..order[cuts[b + 1] - 1] to the first counts[b] items. */
export interface NearJob extends TransportJob {
  readonly order: Uint32Array;
  readonly cuts: Uint32Array;
  readonly counts: Uint32Array;
}

export const squaresTask: BlockTask<SquaresJob, { sum: Float64Array; squares: Float64Array }> = {
  module: import.meta.url,
  name: "squaresBlock",
  work: squaresBlock,
  writes: () => [],
};

export const gaugeTask: BlockTask<GaugeJob, Gauge> = {
  module: import.meta.url,
  name: "gaugeBlock",
  work: gaugeBlock,
  writes: () => [],
};

export const lengthsTask: BlockTask<LengthsJob, void> = {
  module: import.meta.url,
  name: "lengthsBlock",
  work: lengthsBlock,
  writes: ({ job: { lengths, cuts }, block }) => [strip(lengths, cuts[block]!, cuts[block + 1]!)],
  numbering: ["id"],
};

export const farTask: BlockTask<FarJob, void> = {
  module: import.meta.url,
  name: "farBlock",
  work: farBlock,
  writes({ job: { starts, estimates, errors, order, cuts }, block }) {
    const items = order.subarray(cuts[block], cuts[block + 1]);
    return [starts, estimates, errors].map((array) => ({ array, starts: items, length: 1 }));
  },
  numbering: ["id"],
};

export const nearTask: BlockTask<NearJob, ColumnSums> = {
  module: import.meta.url,
  name: "nearBlock",
  work: nearBlock,
  writes: () => [],
  numbering: ["id"],
};

/** Sum of the block's rows and of row^T row. */
export function squaresBlock(input: BlockInput<SquaresJob>): { sum: Float64Array; squares: Float64Array } {
  const { engine, width } = input.job;
  const kernel = squares.get(`${engine}/${width}`, () => loadKernels(engine).squares(width));
  const sum = new Float64Array(width);
  for (const rows of rowsOf(input)) {
    kernel.add(rows);
    for (let row = 0; row < rows.length; row += width) {
      for (let k = 0; k < width; k++) sum[k]! += rows[row + k]!;
    }
  }
  return { sum, squares: kernel.take() };
}

export function gaugeBlock({ job }: BlockInput<GaugeJob>): Gauge {
  return balancedGauge(job.userGram, job.itemGram, job.rank);
}

/** Lengths in the gauge, none less than it is. */
export function lengthsBlock({ job, block }: BlockInput<LengthsJob>): void {
  const { id, engine, rows, width, gauge, cuts, lengths } = job;
  const out = lengths.subarray(cuts[block], cuts[block + 1]);
  const own = rows.subarray(cuts[block]! * width, cuts[block + 1]! * width);
  const kernel = gauges.get(id, () => loadKernels(engine).quadraticForms(gauge, width));
  kernel.evaluate(0, own, out);
  for (let row = 0; row < out.length; row++) out[row] = Math.sqrt(Math.max(out[row]!, 0));
}

/** Starts the far field of each of the block's items as early as the tolerance allows. */
export function farBlock({ job, block }: BlockInput<FarJob>): void {
  const { id, engine, gamma, field, itemFactors, itemLengths, tolerance, order, cuts } = job;
  const { starts, estimates, errors } = job;
  const sums = fields.get(id, () => openFarSums(loadKernels(engine), field, gamma));
  const last = field.starts.length;
  let guess = 0;
  for (const item of order.subarray(cuts[block], cuts[block + 1])) {
    const factors = itemFactors.subarray(item * field.rank, (item + 1) * field.rank);
    const length = itemLengths[item]!;
    const most = (tolerance / (1 + 2 * tolerance)) * sums.least(factors, length);
    const reach = (start: number) => {
      const far = start < last ? sums.at(start, factors, length) : { estimate: 0, error: 0 };
      if (!(far.error <= most)) return false;
      starts[item] = start;
      estimates[item] = far.estimate;
      errors[item] = far.error;
      return true;
    };
    const first = sums.first(length);
    guess = Math.max(guess, first);
    if (reach(guess)) while (guess > first && reach(guess - 1)) guess--;
    else while (!reach(++guess));
  }
}

/** The near sums of a block. */
export function nearBlock({ job, block }: BlockInput<NearJob>): ColumnSums {
  const { scores, order, cuts, counts } = job;
  if (scores.kind !== "factors") throw new TypeError("Near and far sums need factors.");
  const kernel = kernelOf(job);
  const { userFactors: rows, rank: width } = scores;
  for (const users of rowsOf({ job: { rows, width, order, cuts }, block }))
    kernel.addColumns(users, counts[block]);
  return kernel.takeColumns();
}

/** The rows of a block, some at a time, valid until the next. */
function* rowsOf({ job, block }: BlockInput<Pick<SquaresJob, "rows" | "width" | "order" | "cuts">>) {
  const { rows, width, order, cuts } = job;
  const end = cuts[block + 1]!;
  const gathered = new Float32Array(GATHERED * width);
  for (let from = cuts[block]!; from < end; from += GATHERED) {
    const to = Math.min(from + GATHERED, end);
    if (order === undefined) {
      yield rows.subarray(from * width, to * width);
      continue;
    }
    for (let at = from; at < to; at++) {
      const row = order[at]! * width;
      gathered.set(rows.subarray(row, row + width), (at - from) * width);
    }
    yield gathered.subarray(0, (to - from) * width);
  }
}

/** What this thread has open: one kernel of a kind. */
const squares = keeper<Squares>();
const gauges = keeper<QuadraticForms>();
const fields = keeper<FarSums>();

function keeper<Kernel>() {
  let held: { readonly key: string; readonly kernel: Kernel } | undefined;
  return {
    get(key: string, open: () => Kernel): Kernel {
      if (held?.key !== key) held = { key, kernel: open() };
      return held.kernel;
    },
    release() {
      held = undefined;
    },
  };
}

/** Lets go of the memory that this thread's kernels hold. */
export function releaseFarField(): void {
  for (const kept of [squares, gauges, fields]) kept.release();
}
