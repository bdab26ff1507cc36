import type { Split } from "./kernels.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** Bytes that a split of `items` values needs beside the row: first all that is listed, then what is sorted and counted. */
export const splitSections = (items: number) => ({
  list: 2 * items * 4 + 128,
  scratch: 1024 + 2056 * 8 + items * 4 + 16,
  result: 64,
});

/** Counts and sums of a split share 64 bits. */
export const MOST_ITEMS = 2 ** 21 - 1;

/** Splits rows on their own, in a workspace that grows to the longest. */
export function wasmSplit(module: WebAssembly.Module): (row: Float32Array) => Split {
  let room = 0;
  let space: Workspace<"row" | "list" | "scratch" | "result">;
  return (row) => {
    const items = row.length;
    if (items < 1 || items > MOST_ITEMS)
      throw new RangeError(`A row of ${items} values: 1 to ${MOST_ITEMS} can be split.`);
    if (items > room) {
      room = Math.min(2 * items, MOST_ITEMS);
      space = openWorkspace(module, { row: room * 4 + 16, ...splitSections(room) });
    }
    const { run, at } = space;
    const copy = space.floats("row");
    copy.set(row);
    copy.fill(0, items, items + 4);
    let total = run.sumRow(at.row, items);
    if (Number.isNaN(total)) {
      for (let item = 0; item < items; item++) copy[item] = checked(row[item]!);
      total = run.sumRow(at.row, items);
    }
    run.split(at.row, items, total, at.list, at.scratch, at.result);
    return { kappa: space.integers("result")[0]!, threshold: space.floats("result")[2]! };
  };
}

/** A value of a plan, 0 for -0. */
function checked(value: number): number {
  if (value >= 0 && value < Infinity) return value + 0;
  throw new RangeError(`A row to split has the value ${value}.`);
}
