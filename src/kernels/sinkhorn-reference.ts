import { type CostMatrix, fillScores, type Scores } from "../scores.ts";
import type { SinkhornKernel } from "./kernels.ts";

/** Sinkhorn's sums in plain TypeScript and float64, but for the kernel's rounding to float32. */
export function referenceSinkhorn(cost: CostMatrix | Scores): SinkhornKernel {
  const { users, items } = "cost" in cost ? { users: cost.rows, items: cost.columns } : cost;
  let peaks: Float64Array = new Float64Array(users);
  let columns = new Float64Array(items);
  let scale = 1;
  let offsets = new Float64Array(items);

  function costsOf(user: number): Float64Array {
    if ("cost" in cost) return Float64Array.from(cost.cost.subarray(user * items, (user + 1) * items));
    const scores = new Float32Array(items);
    fillScores(cost, user, user + 1, scores);
    return Float64Array.from(scores, (score) => -score);
  }

  function kernelRow(user: number): Float32Array {
    const exponents = costsOf(user).map((value, item) => offsets[item]! - value * scale);
    const peak = exponents.reduce((most, each) => Math.max(most, each), -Infinity);
    peaks[user] = peak;
    return Float32Array.from(exponents, (each) => (peak > -Infinity ? 2 ** (each - peak) : 0));
  }

  return {
    set(gamma, chosen, toFill) {
      scale = 1 / (gamma * Math.LN2);
      offsets = chosen.slice();
      peaks = toFill;
    },
    pass(start, end, weights, weigh) {
      const weight = new Float64Array(1);
      for (let user = start; user < end; user++) {
        const row = kernelRow(user);
        const sum = row.reduce((sum, value, item) => sum + value * weights[item]!, 0);
        weigh(user, 1, Float64Array.of(sum), weight);
        for (let item = 0; item < items; item++) columns[item]! += row[item]! * weight[0]!;
      }
    },
    takeColumns() {
      const taken = columns;
      columns = new Float64Array(items);
      return taken;
    },
    paid(start, end, weights, sums) {
      for (let user = start; user < end; user++) {
        const row = kernelRow(user);
        sums[user - start] = costsOf(user).reduce(
          (sum, cost, item) => sum + cost * row[item]! * weights[item]!,
          0,
        );
      }
    },
    row(user, out) {
      out.set(kernelRow(user));
    },
  };
}
