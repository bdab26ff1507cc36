import type { SparseGram } from "./kernels.ts";
import { endOfRun } from "./row-runs.ts";
import { openWorkspace } from "./workspace.ts";

/** Numbers in a strip. */
const STRIP = 16;
/** Rows and entries that pass through at a time; a longer row passes alone. */
const ROWS = 8192;
const ENTRIES = 65_536;

/** Gram products of sparse rows over `columns` columns, a strip of 16 columns of the dense factor at a time. */
export function wasmSparseGram(module: WebAssembly.Module, columns: number): SparseGram {
  const most = Math.max(columns, ENTRIES);
  const space = openWorkspace(module, {
    dense: columns * STRIP * 8,
    out: columns * STRIP * 8,
    offsets: (ROWS + 1) * 4,
    indices: most * 4,
    values: most * 4,
  });
  const { run, at } = space;
  const dense = space.doubles("dense");
  const out = space.doubles("out");
  const local = space.integers("offsets");
  const localIndices = space.integers("indices");
  const localValues = space.floats("values");

  return {
    multiply({ offsets, indices, values }, factor, product, width, start) {
      const count = Math.min(STRIP, width - start);
      dense.fill(0);
      out.fill(0);
      for (let row = 0; row < columns; row++) {
        for (let k = 0; k < count; k++) dense[row * STRIP + k] = factor[row * width + start + k]!;
      }
      for (let from = 0, end = 0; from < offsets.length - 1; from = end) {
        end = endOfRun(offsets, from, ROWS, most);
        const first = offsets[from]!;
        const last = offsets[end]!;
        for (let row = from; row <= end; row++) local[row - from] = offsets[row]! - first;
        localIndices.set(indices.subarray(first, last));
        localValues.set(values.subarray(first, last));
        run.sparseGram(at.offsets, end - from, at.indices, at.values, at.dense, at.out);
      }
      for (let row = 0; row < columns; row++) {
        for (let k = 0; k < count; k++) product[row * width + start + k] = out[row * STRIP + k]!;
      }
    },
  };
}

/** The same in plain TypeScript, with the same bits. */
export function referenceSparseGram(): SparseGram {
  return {
    multiply({ offsets, indices, values }, factor, product, width, start) {
      const count = Math.min(STRIP, width - start);
      const image = new Float64Array(count);
      for (let row = 0; row < offsets.length - 1; row++) {
        image.fill(0);
        for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
          const from = indices[entry]! * width + start;
          for (let k = 0; k < count; k++) image[k]! += values[entry]! * factor[from + k]!;
        }
        for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
          const to = indices[entry]! * width + start;
          for (let k = 0; k < count; k++) product[to + k]! += values[entry]! * image[k]!;
        }
      }
    },
  };
}
