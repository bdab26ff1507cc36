import type { HeldSide, LeastSquares, LeastSquaresShape } from "./kernels.ts";
import { copyRows, symmetric } from "./padding.ts";
import { ITEMS, packPanels } from "./panels.ts";
import { endOfRun } from "./row-runs.ts";
import { openWorkspace } from "./workspace.ts";

/** Widths are padded to a multiple of it. */
const STRIP = 16;
/** Rows and entries that pass through at a time; a longer row passes alone. */
const ROWS = 1024;
const ENTRIES = 65_536;
/** Vectors that the kernels gather at a time. */
const GATHERED = 64;
/** Held factors of up to so many bytes stay loaded; of larger ones each run's vectors are gathered. */
const LOADED = 2 ** 28;

/** Implicit least squares in float32. */
export function wasmLeastSquares(
  module: WebAssembly.Module,
  { width, rows, longest }: LeastSquaresShape,
  loadedBytes = LOADED,
): LeastSquares {
  const stride = Math.ceil(width / STRIP) * STRIP;
  const bytes = stride * 4;
  const entries = Math.max(longest, ENTRIES);
  const space = openWorkspace(module, {
    others: Math.max(Math.min(rows * bytes, loadedBytes), entries * bytes),
    normal: stride * bytes,
    packed: stride * bytes,
    offsets: (ROWS + 1) * 4,
    indices: (entries + 3) * 4,
    weights: (entries + 3) * 4,
    solutions: ROWS * bytes,
    scratch: (stride + GATHERED) * bytes,
    gram: 2 * stride * bytes,
  });
  const { run, at } = space;
  const others = space.floats("others");
  const normal = space.floats("normal");
  const packed = space.floats("packed");
  const localOffsets = space.integers("offsets");
  const localIndices = space.integers("indices");
  const localWeights = space.floats("weights");
  const local = space.floats("solutions");
  const gram = space.doubles("gram");
  let held: HeldSide;
  let whole: boolean;

  return {
    hold(side) {
      held = side;
      whole = (side.factors.length / width) * stride <= others.length;
      if (whole) copyRows(side.factors, width, others, stride, side.factors.length / width);
      for (let row = 0; row < stride; row++) {
        for (let column = 0; column < stride; column++) {
          normal[row * stride + column] =
            row < width && column < width ? side.normal[row * width + column]! : Number(row === column);
        }
      }
      packPanels(normal, { start: 0, step: 1, stride }, stride, stride, ITEMS, 1, packed);
    },
    solve({ offsets, indices, values }, start, stop, steps, solutions) {
      const { factors, alpha } = held;
      gram.fill(0);
      for (let from = start, end = start; from < stop; from = end) {
        end = Math.min(endOfRun(offsets, from, ROWS, entries), stop);
        const first = offsets[from]!;
        const last = offsets[end]!;
        for (let row = from; row <= end; row++) localOffsets[row - from] = offsets[row]! - offsets[from]!;
        localWeights.set(values.subarray(first, last));
        if (whole) localIndices.set(indices.subarray(first, last));
        else {
          for (let entry = first; entry < last; entry++) {
            const source = indices[entry]! * width;
            const target = (entry - first) * stride;
            for (let k = 0; k < width; k++) others[target + k] = factors[source + k]!;
            localIndices[entry - first] = entry - first;
          }
        }
        const count = end - from;
        const own = solutions.subarray(from * width, end * width);
        copyRows(own, width, local, stride, count);
        const rows = [at.offsets, count, at.indices, at.weights, at.others, bytes] as const;
        if (steps === "exact") run.cholesky(...rows, at.normal, alpha, at.solutions, at.scratch);
        else run.conjugateGradient(...rows, at.packed, alpha, steps, at.solutions, at.scratch);
        run.addGram(at.solutions, count, bytes, at.gram, at.scratch);
        copyRows(local, stride, own, width, count);
      }
      return symmetric(gram, stride, width);
    },
  };
}

/** The same in plain TypeScript and float64. */
export function referenceLeastSquares({ width }: LeastSquaresShape): LeastSquares {
  let held: HeldSide;
  return {
    hold(side) {
      held = side;
    },
    solve({ offsets, indices, values }, start, end, steps, solutions) {
      const { factors, normal, alpha } = held;
      const gram = new Float64Array(width * width);
      for (let row = start; row < end; row++) {
        const matrix = normal.slice();
        const right = new Float64Array(width);
        for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
          const other = factors.subarray(indices[entry]! * width, (indices[entry]! + 1) * width);
          for (let k = 0; k < width; k++) right[k]! += (1 + alpha) * values[entry]! * other[k]!;
          addOuter(matrix, other, alpha * values[entry]!);
        }
        const solution = solutions.subarray(row * width, (row + 1) * width);
        if (offsets[row] === offsets[row + 1]) solution.fill(0);
        else
          solution.set(
            steps === "exact" ? eliminate(matrix, right) : descend(matrix, right, solution, steps),
          );
        addOuter(gram, solution, 1);
      }
      return gram;
    },
  };
}

function addOuter(matrix: Float64Array, row: Float32Array, weight: number): void {
  const width = row.length;
  for (let at = 0; at < matrix.length; at++) {
    matrix[at]! += weight * row[Math.floor(at / width)]! * row[at % width]!;
  }
}

/** matrix^-1 right by Gauss-Jordan elimination. */
function eliminate(matrix: Float64Array, right: Float64Array): Float64Array {
  const width = right.length;
  for (let pivot = 0; pivot < width; pivot++) {
    for (let row = 0; row < width; row++) {
      if (row === pivot) continue;
      const factor = matrix[row * width + pivot]! / matrix[pivot * width + pivot]!;
      for (let k = 0; k < width; k++) matrix[row * width + k]! -= factor * matrix[pivot * width + k]!;
      right[row]! -= factor * right[pivot]!;
    }
  }
  return right.map((value, row) => value / matrix[row * width + row]!);
}

/** So many conjugate gradient steps from `start` towards matrix^-1 right. */
function descend(
  matrix: Float64Array,
  right: Float64Array,
  start: Float32Array,
  steps: number,
): Float64Array {
  const width = right.length;
  const times = (vector: Float64Array) =>
    vector.map((_, row) => product(matrix.subarray(row * width, (row + 1) * width), vector));
  const solution = Float64Array.from(start);
  const image = times(solution);
  let rest = right.map((value, k) => value - image[k]!);
  let direction = rest;
  for (let step = 0; step < steps; step++) {
    const image = times(direction);
    const curvature = product(direction, image);
    if (!(curvature > 0)) break;
    const before = product(rest, rest);
    const length = before / curvature;
    for (let k = 0; k < width; k++) solution[k]! += length * direction[k]!;
    rest = rest.map((value, k) => value - length * image[k]!);
    const turn = product(rest, rest) / before;
    direction = direction.map((value, k) => rest[k]! + turn * value);
  }
  return solution;
}

function product(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, k) => sum + value * right[k]!, 0);
}
