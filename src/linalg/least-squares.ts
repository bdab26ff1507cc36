import type { Engine } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { ifWorth, openCrew, type Threads } from "../parallel/crew.ts";
import { sharedFloat32 } from "../parallel/shared.ts";
import type { RunOptions } from "../progress.ts";
import { blockStarts, releaseKernel, solveTask, startBlocks, startTask } from "./least-squares-work.ts";
import { rowCounts, type SparseMatrix, sharedMatrix, transpose } from "./sparse.ts";

/** Multiplications below which starting threads costs more than they save: about a second of one core. */
const WORTH_THREADS = 1e10;

export interface LeastSquaresOptions extends RunOptions {
  readonly rank: number;
  readonly regularization: number;
  readonly alpha: number;
  /** Passes over both sides. */
  readonly iterations: number;
  /** Conjugate gradient steps a row and pass, from where the last pass left it; "exact" solves by Cholesky. */
  readonly steps: number | "exact";
  readonly seed: number;
  /** Factors of the rows to start from; random ones by `seed` unless given. */
  readonly start?: Float32Array | undefined;
  readonly threads?: Threads | undefined;
  readonly engine?: Engine | "auto" | undefined;
  /** Where an earlier call stood: then the result has the same bits as that one's without a break. */
  readonly resume?: LeastSquaresState | undefined;
  /** Called after each pass over both sides but the last. */
  readonly onIteration?: ((state: LeastSquaresState) => Promise<void>) | undefined;
}

/** All that it takes to go on after so many passes over both sides. */
export interface LeastSquaresState {
  readonly iterations: number;
  readonly rows: Float32Array;
  readonly columns: Float32Array;
  /** rows^T rows, as it was summed. */
  readonly normal: Float64Array;
}

/**
 * Alternating least squares for implicit feedback (Hu, Koren & Volinsky 2008; conjugate gradient: Takacs, Pilaszy & Tikk
 * 2011), float32 factors of rows and columns, row-major. Over ALL pairs it minimises
 * sum c (p - <row, column>)^2 + regularization (|rows|^2 + |columns|^2), where an entry of value w has c = 1 + alpha w and
 * c p = (1 + alpha) w, every other pair c = 1 and p = 0. Columns go first in a pass, rows last.
 */
export async function implicitLeastSquares(
  matrix: SparseMatrix,
  options: LeastSquaresOptions,
): Promise<{ rows: Float32Array; columns: Float32Array }> {
  const { rank: width, regularization, alpha, iterations, steps, seed, signal, onProgress } = options;
  const threads = ifWorth(multiplications(matrix, options) > WORTH_THREADS, options.threads);
  const byRow = threads !== 0 ? sharedMatrix(matrix) : matrix;
  const turned = transpose(matrix);
  const byColumn = threads !== 0 ? sharedMatrix(turned) : turned;
  const rows = { matrix: byRow, factors: sharedFloat32(matrix.rows * width), starts: blockStarts(byRow) };
  const columns = {
    matrix: byColumn,
    factors: sharedFloat32(matrix.columns * width),
    starts: blockStarts(byColumn),
  };
  const shape = {
    width,
    rows: Math.max(matrix.rows, matrix.columns),
    longest: Math.max(longestRow(byRow), longestRow(byColumn)),
  };
  const { engine } = loadKernels(options.engine);
  const fit = fits++;
  const passes = Array.from({ length: iterations }, () => [
    { solved: columns, held: rows },
    { solved: rows, held: columns },
  ]).flat();
  const total = iterations * (rows.starts.length + columns.starts.length - 2);
  let done = 0;
  const crew = openCrew(threads);
  try {
    const normal = new Float64Array(width * width);
    const sum = (gram: Float64Array) => {
      for (let at = 0; at < gram.length; at++) normal[at]! += gram[at]!;
    };
    const { resume } = options;
    if (resume) {
      rows.factors.set(resume.rows);
      columns.factors.set(resume.columns);
      normal.set(resume.normal);
      done = (total / iterations) * resume.iterations;
    } else
      await crew.run(
        startTask,
        { engine, seed, width, start: options.start, factors: rows.factors },
        startBlocks(matrix.rows),
        { stage: "start", signal },
        sum,
      );
    for (const [pass, { solved, held }] of passes.entries()) {
      if (pass < 2 * (resume?.iterations ?? 0)) continue;
      for (let k = 0; k < width; k++) normal[k * (width + 1)]! += regularization;
      const { matrix, starts, factors: solutions } = solved;
      const job = {
        ...{ engine, fit, pass, shape, alpha, steps, matrix, starts, solutions },
        held: held.factors,
        normal: normal.slice(),
      };
      normal.fill(0);
      await crew.run(solveTask, job, starts.length - 1, { stage: "solve", signal }, (gram) => {
        sum(gram);
        onProgress?.({ stage: "least squares", done: ++done, total });
      });
      if (pass % 2 === 1 && pass + 1 < passes.length) {
        const state = { rows: rows.factors, columns: columns.factors, normal };
        await options.onIteration?.({ iterations: (pass + 1) / 2, ...state });
      }
    }
  } finally {
    releaseKernel();
    await crew.close();
  }
  return { rows: rows.factors, columns: columns.factors };
}

let fits = 0;

function longestRow(matrix: SparseMatrix): number {
  return rowCounts(matrix).reduce((most, count) => Math.max(most, count), 0);
}

function multiplications(
  { rows, columns, indices }: SparseMatrix,
  { rank, iterations, steps }: LeastSquaresOptions,
): number {
  const side =
    steps === "exact"
      ? (rows + columns) * (rank ** 3 / 6) + indices.length * rank ** 2
      : (steps + 1) * ((rows + columns) * rank ** 2 + 4 * indices.length * rank);
  return iterations * side;
}
