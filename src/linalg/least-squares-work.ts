import type { Engine, LeastSquares, LeastSquaresShape } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { endOfRun } from "../kernels/row-runs.ts";
import { type BlockInput, type BlockTask, strip } from "../parallel/block-task.ts";
import { type Random, randomFor } from "../random.ts";
import type { SparseMatrix } from "./sparse.ts";

/** Rows and entries that make a block: milliseconds of work, also where few rows hold most entries. */
const ROWS = 4096;
const ENTRIES = 262_144;

/** Length of a factor at the start. */
const START = 0.3;
/** Random signs of one draw. */
const SIGNS = 16;

/** Random factors for the rows of one side: all of one length, with random signs. */
export interface StartJob {
  readonly engine: Engine;
  readonly seed: number;
  readonly width: number;
  /** Taken instead where they are given. */
  readonly start?: Float32Array | undefined;
  /** Filled in. */
  readonly factors: Float32Array;
}

/** Solves one side's rows while the other's are held. Its arrays are in shared memory where several threads work on it. */
export interface SolveJob {
  readonly engine: Engine;
  /** Different for each fit of a process, so that a thread knows whether its kernel is this fit's. */
  readonly fit: number;
  /** Counts the fit's passes, so that a thread knows whether it holds the right side. */
  readonly pass: number;
  readonly shape: LeastSquaresShape;
  readonly held: Float32Array;
  readonly normal: Float64Array;
  readonly alpha: number;
  readonly matrix: SparseMatrix;
  /** First row of each block, and the number of rows. */
  readonly starts: Uint32Array;
  readonly steps: number | "exact";
  /** Improved in place. */
  readonly solutions: Float32Array;
}

/** Both return the Gram matrix of the block's factors. */
export const startTask: BlockTask<StartJob, Float64Array> = {
  module: import.meta.url,
  name: "startBlock",
  work: startBlock,
  writes: ({ job: { factors, width }, block }) => [
    strip(factors, block * ROWS * width, (block + 1) * ROWS * width),
  ],
};

export const solveTask: BlockTask<SolveJob, Float64Array> = {
  module: import.meta.url,
  name: "solveBlock",
  work: solveBlock,
  writes: ({ job: { solutions, starts, shape }, block }) => [
    strip(solutions, starts[block]! * shape.width, starts[block + 1]! * shape.width),
  ],
  numbering: ["fit", "pass"],
};

export function startBlocks(rows: number): number {
  return Math.ceil(rows / ROWS);
}

/** Where the blocks of a matrix's rows begin, and the number of rows. */
export function blockStarts({ offsets, rows }: SparseMatrix): Uint32Array {
  const starts = [0];
  while (starts.at(-1)! < rows) starts.push(endOfRun(offsets, starts.at(-1)!, ROWS, ENTRIES));
  return Uint32Array.from(starts);
}

export function startBlock({ job, block }: BlockInput<StartJob>): Float64Array {
  const { engine, seed, width, start, factors } = job;
  const [from, to] = [block * ROWS * width, (block + 1) * ROWS * width];
  const own = factors.subarray(from, to);
  if (start === undefined) drawStart(own, START / Math.sqrt(width), randomFor(seed, "least squares", block));
  else own.set(start.subarray(from, to));
  return loadKernels(engine).gram(own, width);
}

function drawStart(own: Float32Array, scale: number, random: Random): void {
  for (let at = 0, bits = 0; at < own.length; at++, bits >>>= 1) {
    if (at % SIGNS === 0) bits = random.below(2 ** SIGNS);
    own[at] = bits % 2 === 1 ? scale : -scale;
  }
}

export function solveBlock({ job, block }: BlockInput<SolveJob>): Float64Array {
  const { matrix, starts, steps, solutions } = job;
  return kernelOf(job).solve(matrix, starts[block]!, starts[block + 1]!, steps, solutions);
}

let loaded: { readonly fit: number; readonly kernel: LeastSquares; pass: number } | undefined;

function kernelOf({ engine, fit, pass, shape, held, normal, alpha }: SolveJob): LeastSquares {
  if (loaded?.fit !== fit) loaded = { fit, kernel: loadKernels(engine).leastSquares(shape), pass: -1 };
  if (loaded.pass !== pass) {
    loaded.kernel.hold({ factors: held, normal, alpha });
    loaded.pass = pass;
  }
  return loaded.kernel;
}

/** Lets go of the memory that the last fit's kernel holds in this thread. */
export function releaseKernel(): void {
  loaded = undefined;
}
