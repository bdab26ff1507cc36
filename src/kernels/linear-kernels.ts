import type { RightFactor, RightShape, SparseRightFactor } from "./kernels.ts";
import { copyRows, symmetric } from "./padding.ts";
import { ITEMS, packPanels, panelsOf, USERS } from "./panels.ts";
import { endOfRun } from "./row-runs.ts";
import { openWorkspace } from "./workspace.ts";

/** Rows that pass through a product at a time. */
const ROWS = 256;
/** Numbers in a strip of the sparse product, and entries that pass through it at a time (a longer row passes alone). */
const STRIP = 16;
const ENTRIES = 65536;

/** Products with a dense matrix that stays packed. */
export function wasmRightFactor(
  module: WebAssembly.Module,
  matrix: Float32Array,
  { depth, columns, transposed = false }: RightShape,
): RightFactor {
  if (!(depth >= 1) || matrix.length !== depth * columns) {
    throw new RangeError(`${matrix.length} numbers are not ${depth} x ${columns}.`);
  }
  const panels = panelsOf(columns, ITEMS);
  const stride = panels * ITEMS;
  const space = openWorkspace(module, {
    right: stride * depth * 4,
    left: ROWS * depth * 4,
    out: ROWS * stride * 4,
  });
  const { run, at } = space;
  const left = space.floats("left");
  const out = space.floats("out");
  const source = transposed ? { start: 0, step: depth, stride: 1 } : { start: 0, step: 1, stride: columns };
  packPanels(matrix, source, columns, depth, ITEMS, 1, space.floats("right"));
  return {
    multiply(matrix, product) {
      const rows = matrix.length / depth;
      for (let from = 0; from < rows; from += ROWS) {
        const count = Math.min(ROWS, rows - from);
        packPanels(matrix, { start: from * depth, step: depth, stride: 1 }, count, depth, USERS, 1, left);
        run.scoreRows(at.left, panelsOf(count, USERS), at.right, panels, depth, at.out, stride * 4);
        for (let row = 0; row < count; row++) {
          product.set(out.subarray(row * stride, row * stride + columns), (from + row) * columns);
        }
      }
    },
  };
}

/** matrix^T matrix: float32 over 64 rows, float64 over these sums. */
export function wasmGram(
  module: WebAssembly.Module,
  matrix: Float32Array,
  width: number,
): Float64Array<ArrayBuffer> {
  const stride = panelsOf(width, ITEMS) * ITEMS;
  const bytes = stride * 4;
  const space = openWorkspace(module, {
    rows: ROWS * bytes,
    scratch: stride * bytes,
    out: 2 * stride * bytes,
  });
  const { run, at } = space;
  const local = space.floats("rows");
  const rows = matrix.length / width;
  for (let from = 0; from < rows; from += ROWS) {
    const count = Math.min(ROWS, rows - from);
    copyRows(matrix.subarray(from * width, (from + count) * width), width, local, stride, count);
    run.addGram(at.rows, count, bytes, at.out, at.scratch);
  }
  return symmetric(space.doubles("out"), stride, width);
}

/** Products of sparse rows with a dense matrix that stays loaded. */
export function wasmSparseRightFactor(
  module: WebAssembly.Module,
  matrix: Float32Array,
  width: number,
): SparseRightFactor {
  const strips = Math.ceil(width / STRIP);
  const stride = strips * STRIP;
  const count = matrix.length / width;
  const most = Math.max(count, ENTRIES);
  const space = openWorkspace(module, {
    dense: count * stride * 4,
    offsets: (ROWS + 1) * 4,
    indices: most * 4,
    values: most * 4,
    out: ROWS * stride * 4,
  });
  const { run, at } = space;
  const dense = space.floats("dense");
  for (let row = 0; row < count; row++)
    dense.set(matrix.subarray(row * width, (row + 1) * width), row * stride);
  const local = space.integers("offsets");
  const localIndices = space.integers("indices");
  const localValues = space.floats("values");
  const out = space.floats("out");

  return {
    multiply(offsets, indices, values, product) {
      for (let from = 0, end = 0; from < offsets.length - 1; from = end) {
        end = endOfRun(offsets, from, ROWS, most);
        const first = offsets[from]! - offsets[0]!;
        const last = offsets[end]! - offsets[0]!;
        for (let row = from; row <= end; row++) local[row - from] = offsets[row]! - offsets[from]!;
        localIndices.set(indices.subarray(first, last));
        localValues.set(values.subarray(first, last));
        run.sparseTimesDense(at.offsets, end - from, at.indices, at.values, at.dense, strips, at.out);
        for (let row = from; row < end; row++) {
          product.set(out.subarray((row - from) * stride, (row - from) * stride + width), row * width);
        }
      }
    },
  };
}
