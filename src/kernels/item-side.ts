import type { ColumnSums } from "./kernels.ts";

/** The logarithm of no mass: minus infinity where arithmetic must stay finite. */
export const NOTHING = -1e38;

/** The items' side of the plan in the two forms that rows use. */
export interface ItemSide {
  /** Binary logarithms of the heaviest and the lightest weight of an item that has mass; -Infinity and Infinity if none has. */
  heaviest: number;
  lightest: number;
  set(columns?: ColumnSums, shares?: Float64Array): void;
}

/** Where the forms are written: weight_j = p_j / sum_i exp(x_ij) and its binary logarithm; and that as offset - exponent. */
export interface ItemSideArrays {
  readonly weights: Float32Array;
  readonly logs: Float32Array;
  readonly exponents: Float32Array;
  readonly offsets: Float32Array;
}

export function createItemSide(items: number, arrays: ItemSideArrays): ItemSide {
  const { weights, logs, exponents, offsets } = arrays;

  /** An item without mass. */
  function clear(item: number): void {
    weights[item] = 0;
    logs[item] = NOTHING;
    exponents[item] = 0;
    offsets[item] = NOTHING;
  }

  function set(columns?: ColumnSums, shares?: Float64Array): void {
    side.heaviest = -Infinity;
    side.lightest = Infinity;
    for (let item = 0; item < items; item++) {
      const share = shares?.[item] ?? 0;
      const sum = columns?.sums[item] ?? 0;
      if (columns === undefined || share === 0 || sum === 0) {
        clear(item);
        continue;
      }
      const offset = Math.log2(share) - Math.log2(sum);
      const exponent = columns.exponents[item]!;
      const log = offset - exponent;
      weights[item] = 2 ** log;
      logs[item] = log;
      exponents[item] = exponent;
      offsets[item] = offset;
      side.heaviest = Math.max(side.heaviest, log);
      side.lightest = Math.min(side.lightest, log);
    }
  }

  const side: ItemSide = { heaviest: -Infinity, lightest: Infinity, set };
  set();
  return side;
}
