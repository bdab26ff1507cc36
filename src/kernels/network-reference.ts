import { corrected, FIRST_DECAY, SECOND_DECAY } from "./adam.ts";
import type { Floats, NetworkKernels } from "./kernels.ts";

/** In float64, or in float32 with every product summed in float64. */
export const referenceNetworks: NetworkKernels = {
  timesTransposed(left, right, depth, product) {
    const columns = right.length / depth;
    fill(product, columns, depth, (row, column, k) => left[row * depth + k]! * right[column * depth + k]!);
  },
  times(left, right, depth, product) {
    const columns = right.length / depth;
    fill(product, columns, depth, (row, column, k) => left[row * depth + k]! * right[k * columns + column]!);
  },
  transposedTimes(left, right, depth, product) {
    const rows = left.length / depth;
    const columns = right.length / depth;
    fill(product, columns, depth, (row, column, k) => left[k * rows + row]! * right[k * columns + column]!);
  },
  sigmoid(values) {
    for (let at = 0; at < values.length; at++) values[at] = 1 / (1 + Math.exp(-values[at]!));
  },
  logSumExp(rows, width) {
    return Float64Array.from({ length: rows.length / width }, (_, row) => {
      let peak = -Infinity;
      for (let at = row * width; at < (row + 1) * width; at++) peak = Math.max(peak, rows[at]!);
      let sum = 0;
      for (let at = row * width; at < (row + 1) * width; at++) sum += Math.exp(rows[at]! - peak);
      return peak + Math.log(sum);
    });
  },
  exponentials(rows, width, shifts) {
    for (let at = 0; at < rows.length; at++) rows[at] = Math.exp(rows[at]! - shifts[Math.floor(at / width)]!);
  },
  adam({ values, first, second }, gradient, step) {
    const { rate, epsilon } = corrected(step);
    for (let at = 0; at < values.length; at++) {
      const slope = step.scale * gradient[at]! + step.decay * values[at]!;
      first[at] = FIRST_DECAY * first[at]! + (1 - FIRST_DECAY) * slope;
      second[at] = SECOND_DECAY * second[at]! + (1 - SECOND_DECAY) * slope * slope;
      values[at]! -= (rate * first[at]!) / (Math.sqrt(second[at]!) + epsilon);
    }
  },
};

function fill(
  product: Floats,
  columns: number,
  depth: number,
  term: (row: number, column: number, k: number) => number,
): void {
  for (let at = 0; at < product.length; at++) {
    const column = at % columns;
    const row = (at - column) / columns;
    let sum = 0;
    for (let k = 0; k < depth; k++) sum += term(row, column, k);
    product[at] = sum;
  }
}
