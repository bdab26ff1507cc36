import type { CostMatrix, Scores } from "../scores.ts";
import type { SinkhornKernel } from "./kernels.ts";
import { createScoring, ROWS, type Scoring, scoringSections } from "./scoring.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** Where the rows of the kernel come from. */
interface KernelRows extends Pick<SinkhornKernel, "set" | "paid"> {
  /** What the rows are summed with. */
  weigh(weights: Float64Array): void;
  /** Where the rows of up to 16 users stand, in bytes, with their sums of K_ij weights_j in the section "sums". */
  sum(start: number, count: number): number;
  /** Adds those rows, times the users' weights, to the columns. */
  add(rows: number, count: number, userWeights: Float64Array): void;
}

type Section = "weights" | "columns" | "sums" | "userWeights";

export function wasmSinkhorn(module: WebAssembly.Module, cost: CostMatrix | Scores): SinkhornKernel {
  if ("cost" in cost) {
    const stride = strideOf(cost.columns);
    const space = openWorkspace(module, {
      kernel: cost.rows * stride * 4,
      costs: (ROWS * cost.columns + stride) * cost.cost.BYTES_PER_ELEMENT,
      exponents: stride * 8,
      offsets: stride * 8,
      ...sections(stride),
    });
    return summing(space, storedRows(space, cost, stride), cost.columns);
  }
  const rank = cost.kind === "factors" ? cost.rank : 0;
  const scoring = scoringSections({ items: cost.items, rank });
  const stride = scoring.rows / (4 * ROWS);
  const space = openWorkspace(module, {
    ...scoring,
    costs: scoring.rows,
    offsets: stride * 4,
    peaks: ROWS * 4,
    singleWeights: stride * 4,
    singleUserWeights: ROWS * 4,
    ...sections(stride),
  });
  return summing(space, madeRows(space, cost, stride), cost.items);
}

function sections(stride: number): Record<Section, number> {
  return { weights: stride * 8, columns: stride * 8, sums: ROWS * 8, userWeights: ROWS * 8 };
}

function summing(space: Workspace<Section>, source: KernelRows, items: number): SinkhornKernel {
  const columns = space.doubles("columns");
  const sums = space.doubles("sums");
  const userWeights = space.doubles("userWeights");
  return {
    set: source.set,
    pass(start, end, weights, weigh) {
      source.weigh(weights);
      for (let from = start; from < end; from += ROWS) {
        const count = Math.min(ROWS, end - from);
        const rows = source.sum(from, count);
        weigh(from, count, sums, userWeights);
        source.add(rows, count, userWeights);
      }
    },
    takeColumns() {
      const taken = columns.slice(0, items);
      columns.fill(0);
      return taken;
    },
    paid(start, end, weights, sums) {
      source.weigh(weights);
      source.paid(start, end, weights, sums);
    },
    row(user, out) {
      out.set(new Float32Array(columns.buffer, source.sum(user, 1), items));
    },
  };
}

/** Costs become rows of the kernel when they are first asked for. */
function storedRows(
  space: Workspace<Section | "kernel" | "costs" | "exponents" | "offsets">,
  { cost, rows, columns }: CostMatrix,
  stride: number,
): KernelRows {
  const { run, at } = space;
  const wide = cost instanceof Float64Array;
  const costs = wide ? space.doubles("costs") : space.floats("costs");
  const bytes = columns * cost.BYTES_PER_ELEMENT;
  let peaks: Float64Array = new Float64Array(0);
  let scale = 0;
  let stored = 0;

  /** Copies the costs of up to 16 users. Behind a row stands the next one, or what was there. */
  function copy(start: number, end: number): void {
    costs.set(cost.subarray(start * columns, end * columns));
  }

  /** Where row `start` stands, all rows before `end` being there. */
  function rowAt(start: number, end: number): number {
    const { costs: from, offsets, exponents, kernel } = at;
    while (stored < end) {
      const last = Math.min(stored + ROWS, rows);
      copy(stored, last);
      for (let place = from; stored < last; stored++, place += bytes) {
        const to = kernel + stored * stride * 4;
        peaks[stored] = run.kernelRow(place, wide, stride, scale, offsets, exponents, to);
      }
    }
    return kernel + start * stride * 4;
  }

  return {
    set(gamma, offsets, toFill) {
      scale = -1 / (gamma * Math.LN2);
      peaks = toFill;
      stored = 0;
      space.doubles("offsets").fill(-Infinity).set(offsets);
    },
    weigh(weights) {
      space.doubles("weights").set(weights);
    },
    add(rows, count) {
      run.addWeighted(rows, count, stride * 4, stride, at.userWeights, at.columns);
    },
    sum(start, count) {
      const from = rowAt(start, start + count);
      run.rowSums(from, count, stride * 4, stride, at.weights, at.sums);
      return from;
    },
    paid(start, end, _, sums) {
      for (let from = start; from < end; from += ROWS) {
        const last = Math.min(from + ROWS, end);
        const kernel = rowAt(from, last);
        copy(from, last);
        for (let row = 0; row < last - from; row++) {
          const place = kernel + row * stride * 4;
          sums[from + row - start] = run.paid(place, stride, at.weights, at.costs + row * bytes, wide);
        }
      }
    },
  };
}

type MadeSection =
  | keyof ReturnType<typeof scoringSections>
  | Section
  | "costs"
  | "offsets"
  | "peaks"
  | "singleWeights"
  | "singleUserWeights";

/** Rows made of scores whenever they are asked for. */
function madeRows(space: Workspace<MadeSection>, scores: Scores, stride: number): KernelRows {
  const { run, at } = space;
  const { items } = scores;
  const filled = new Float32Array(scores.kind === "rows" ? ROWS * items : 0);
  const heldPeaks = space.floats("peaks");
  const userWeights = space.floats("singleUserWeights");
  let scoring: Scoring;
  let peaks: Float64Array = new Float64Array(0);
  let unit = 0;

  function hold(start: number, count: number): void {
    if (scores.kind === "factors") {
      scoring.hold(scores.userFactors.subarray(start * scores.rank), 0, count);
    } else {
      scores.fill(start, start + count, filled);
      scoring.hold(filled, 0, count);
    }
  }

  function power(start: number, count: number): number {
    for (let row = 0; row < count; row++) {
      const known = peaks[start + row]!;
      const peak = Number.isNaN(known) ? run.peakOf(at.rows + row * stride * 4, stride, at.offsets) : known;
      peaks[start + row] = peak;
      heldPeaks[row] = peak;
    }
    const { offsets, peaks: shifts, singleWeights, sums } = at;
    run.powerRows(at.rows, count + (count % 2), stride * 4, stride, offsets, shifts, singleWeights, sums);
    return at.rows;
  }

  return {
    set(gamma, offsets, toFill) {
      scoring = createScoring(space, scores, gamma);
      unit = -gamma * Math.LN2;
      peaks = toFill;
      space.floats("offsets").fill(-Infinity).set(offsets);
    },
    weigh(weights) {
      space.doubles("weights").set(weights);
      space.floats("singleWeights").set(weights);
    },
    add(rows, count, weights) {
      userWeights.fill(0, count); // rows that nobody asked for
      userWeights.set(weights.subarray(0, count));
      run.addRows(rows, ROWS, stride * 4, stride, at.singleUserWeights, at.columns);
    },
    sum(start, count) {
      hold(start, count);
      return power(start, count);
    },
    paid(start, end, _, sums) {
      for (let from = start; from < end; from += ROWS) {
        const count = Math.min(ROWS, end - from);
        hold(from, count);
        space.floats("costs").set(space.floats("rows"));
        power(from, count);
        for (let row = 0; row < count; row++) {
          const place = row * stride * 4;
          sums[from + row - start] =
            unit * run.paid(at.rows + place, stride, at.weights, at.costs + place, false);
        }
      }
    },
  };
}

/** A multiple of 4; rows a multiple of 4 KiB apart would share cache lines. */
function strideOf(columns: number): number {
  const stride = Math.ceil(columns / 4) * 4;
  return stride % 1024 < 16 ? stride + 16 : stride;
}
