import type { ColumnSums } from "./kernels.ts";

/** The sums of no users. */
export function emptyColumnSums(items: number): ColumnSums {
  return { exponents: new Float64Array(items), sums: new Float64Array(items) };
}

/** Adds the sums of further users. Exact but for one rounding an item, so that only the order of calls matters. */
export function mergeColumnSums(total: ColumnSums, block: ColumnSums): void {
  const { exponents, sums } = total;
  for (let item = 0; item < sums.length; item++) {
    const added = block.sums[item]!;
    if (added === 0) continue;
    const before = exponents[item]!;
    const fresh = block.exponents[item]!;
    if (sums[item] === 0) {
      sums[item] = added;
      exponents[item] = fresh;
    } else if (before === fresh) {
      sums[item]! += added;
    } else {
      const after = Math.max(before, fresh);
      sums[item] = sums[item]! * 2 ** (before - after) + added * 2 ** (fresh - after);
      exponents[item] = after;
    }
  }
}
