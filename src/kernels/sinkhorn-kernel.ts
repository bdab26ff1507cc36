import { type CostMatrix, fillScores, type Scores } from "../scores.ts";
import type { SinkhornKernel } from "./kernels.ts";
import { createScoring, ROWS, scoringSections } from "./scoring.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** Where the rows of the kernel come from. */
interface KernelRows {
  readonly stride: number;
  readonly peaks: Float64Array;
  set(gamma: number, offsets: Float64Array): void;
  /** Where the rows of up to 16 users stand, in bytes. */
  at(start: number, count: number): number;
}

type Section = "weights" | "columns" | "sums" | "userWeights";

export function wasmSinkhorn(module: WebAssembly.Module, cost: CostMatrix | Scores): SinkhornKernel {
  if ("cost" in cost) {
    const stride = strideOf(cost.columns);
    const space = openWorkspace(module, {
      kernel: cost.rows * stride * 4,
      values: stride * 8,
      offsets: stride * 8,
      ...sections(stride),
    });
    return summing(space, storedRows(space, cost, stride), cost.columns);
  }
  const rank = cost.kind === "factors" ? cost.rank : 0;
  const scoring = scoringSections({ items: cost.items, rank });
  const stride = scoring.rows / (4 * ROWS);
  const space = openWorkspace(module, { ...scoring, offsets: stride * 4, ...sections(stride) });
  return summing(space, madeRows(space, cost), cost.items);
}

function sections(stride: number): Record<Section, number> {
  return { weights: stride * 8, columns: stride * 8, sums: ROWS * 8, userWeights: ROWS * 8 };
}

function summing(space: Workspace<Section>, source: KernelRows, items: number): SinkhornKernel {
  const { run, at } = space;
  const { stride } = source;
  const held = space.doubles("weights");
  const columns = space.doubles("columns");
  const sums = space.doubles("sums");
  const userWeights = space.doubles("userWeights");
  return {
    peaks: source.peaks,
    set: source.set,
    pass(start, end, weights, weigh) {
      held.set(weights);
      for (let from = start; from < end; from += ROWS) {
        const count = Math.min(ROWS, end - from);
        const rows = source.at(from, count);
        run.rowSums(rows, count, stride * 4, stride, at.weights, at.sums);
        for (let row = 0; row < count; row++) userWeights[row] = weigh(from + row, sums[row]!);
        run.addWeighted(rows, count, stride * 4, stride, at.userWeights, at.columns);
      }
    },
    takeColumns() {
      const taken = columns.slice(0, items);
      columns.fill(0);
      return taken;
    },
    row(user, out) {
      out.set(new Float32Array(held.buffer, source.at(user, 1), items));
    },
  };
}

/** Costs become rows of the kernel when they are first asked for. */
function storedRows(
  space: Workspace<"kernel" | "values" | "offsets">,
  { cost, rows, columns }: CostMatrix,
  stride: number,
): KernelRows {
  const { run, at } = space;
  const values = space.doubles("values");
  const peaks = new Float64Array(rows);
  let scale = 0;
  let stored = 0;
  return {
    stride,
    peaks,
    set(gamma, offsets) {
      scale = -1 / (gamma * Math.LN2);
      stored = 0;
      space.doubles("offsets").fill(-Infinity).set(offsets);
    },
    at(start, count) {
      for (; stored < start + count; stored++) {
        values.set(cost.subarray(stored * columns, (stored + 1) * columns));
        const row = at.kernel + stored * stride * 4;
        peaks[stored] = run.kernelRow(at.values, stride, scale, at.offsets, row);
      }
      return at.kernel + start * stride * 4;
    },
  };
}

/** Rows made of scores whenever they are asked for. */
function madeRows(
  space: Workspace<"offsets" | keyof ReturnType<typeof scoringSections>>,
  scores: Scores,
): KernelRows {
  const { run, at } = space;
  const { users, items } = scores;
  const peaks = new Float64Array(users);
  const filled = new Float32Array(scores.kind === "rows" ? ROWS * items : 0);
  let scoring = createScoring(space, scores, 1);
  const { stride } = scoring;

  function hold(start: number, count: number): void {
    if (scores.kind === "factors") {
      scoring.hold(scores.userFactors.subarray(start * scores.rank), 0, count);
    } else {
      scores.fill(start, start + count, filled);
      scoring.hold(filled, 0, count);
    }
  }

  return {
    stride,
    peaks,
    set(gamma, offsets) {
      scoring = createScoring(space, scores, gamma);
      const held = space.floats("offsets").fill(-Infinity);
      held.set(offsets);
      offsets.set(held.subarray(0, items));
    },
    at(start, count) {
      hold(start, count);
      for (let row = 0; row < count; row++) {
        peaks[start + row] = run.kernelRowInPlace(at.rows + row * stride * 4, stride, at.offsets);
      }
      return at.rows;
    },
  };
}

/** A multiple of 4; rows a multiple of 4 KiB apart would share cache lines. */
function strideOf(columns: number): number {
  const stride = Math.ceil(columns / 4) * 4;
  return stride % 1024 < 16 ? stride + 16 : stride;
}

/** The same in plain TypeScript and float64, but for the kernel's rounding to float32. */
export function referenceSinkhorn(cost: CostMatrix | Scores): SinkhornKernel {
  const { users, items } = "cost" in cost ? { users: cost.rows, items: cost.columns } : cost;
  const peaks = new Float64Array(users);
  let columns = new Float64Array(items);
  let scale = 1;
  let offsets = new Float64Array(items);

  function kernelRow(user: number): Float32Array {
    const scores = new Float32Array(items);
    if ("rank" in cost || "fill" in cost) fillScores(cost, user, user + 1, scores);
    const exponents = offsets.map(
      (offset, item) => ("cost" in cost ? -cost.cost[user * items + item]! : scores[item]!) * scale + offset,
    );
    const peak = exponents.reduce((most, each) => Math.max(most, each), -Infinity);
    peaks[user] = peak;
    return Float32Array.from(exponents, (each) => (peak > -Infinity ? 2 ** (each - peak) : 0));
  }

  return {
    peaks,
    set(gamma, chosen) {
      scale = 1 / (gamma * Math.LN2);
      offsets = chosen.slice();
    },
    pass(start, end, weights, weigh) {
      for (let user = start; user < end; user++) {
        const row = kernelRow(user);
        const weight = weigh(
          user,
          row.reduce((sum, value, item) => sum + value * weights[item]!, 0),
        );
        for (let item = 0; item < items; item++) columns[item]! += row[item]! * weight;
      }
    },
    takeColumns() {
      const taken = columns;
      columns = new Float64Array(items);
      return taken;
    },
    row(user, out) {
      out.set(kernelRow(user));
    },
  };
}
