import type { QuadraticForms, Squares } from "./kernels.ts";
import { openWorkspace } from "./workspace.ts";

/** Rows that pass through at a time: few enough for the first cache at 100 numbers a row. */
const ROWS = 32;

export function wasmSquares(module: WebAssembly.Module, width: number): Squares {
  const stride = strideOf(width);
  const space = openWorkspace(module, { rows: ROWS * stride * 8, out: stride * stride * 8 });
  const { run, at } = space;
  const held = space.doubles("rows");
  const out = space.doubles("out");
  return {
    add(rows) {
      for (let from = 0; from < rows.length; from += ROWS * width) {
        const count = widen(rows, from, width, held);
        run.addSquares(at.rows, count, stride, at.out);
      }
    },
    take() {
      const product = new Float64Array(width * width);
      for (let row = 0; row < width; row++) {
        for (let column = 0; column < width; column++) {
          product[row * width + column] = out[Math.min(row, column) * stride + Math.max(row, column)]!;
        }
      }
      out.fill(0);
      return product;
    },
  };
}

export function wasmQuadraticForms(
  module: WebAssembly.Module,
  matrices: Float64Array,
  width: number,
): QuadraticForms {
  const stride = strideOf(width);
  const count = matrices.length / width ** 2;
  const space = openWorkspace(module, {
    matrices: count * stride * stride * 8,
    rows: ROWS * stride * 8,
    values: ROWS * 8,
  });
  const { run, at } = space;
  const packed = space.doubles("matrices");
  const held = space.doubles("rows");
  const values = space.doubles("values");
  for (let line = 0; line < count * width; line++) {
    const matrix = Math.floor(line / width);
    const row = line % width;
    const square = row - (row % 4);
    for (let column = square; column < width; column++) {
      packed[(matrix * stride + row) * stride + column] =
        matrices[line * width + column]! * (column < square + 4 ? 1 : 2);
    }
  }
  return {
    evaluate(index, rows, out) {
      for (let from = 0; from < out.length; from += ROWS) {
        const count = widen(rows, from * width, width, held);
        run.quadraticForms(at.matrices + index * stride * stride * 8, at.rows, count, stride, at.values);
        out.set(values.subarray(0, count), from);
      }
    },
  };
}

function strideOf(width: number): number {
  return Math.ceil(width / 4) * 4;
}

/** Copies up to 32 rows from `from` on, the padding is 0 already. Returns how many. */
function widen(rows: Float32Array, from: number, width: number, held: Float64Array): number {
  const stride = strideOf(width);
  const count = Math.min(ROWS, (rows.length - from) / width);
  for (let row = 0; row < count; row++) {
    held.set(rows.subarray(from + row * width, from + (row + 1) * width), row * stride);
  }
  return count;
}

/** The same in plain TypeScript. */
export function referenceSquares(width: number): Squares {
  let product = new Float64Array(width * width);
  return {
    add(rows) {
      for (let row = 0; row < rows.length; row += width) {
        for (let at = 0; at < product.length; at++) {
          product[at]! += rows[row + Math.floor(at / width)]! * rows[row + (at % width)]!;
        }
      }
    },
    take() {
      const taken = product;
      product = new Float64Array(width * width);
      return taken;
    },
  };
}

/** The same in plain TypeScript. */
export function referenceQuadraticForms(matrices: Float64Array, width: number): QuadraticForms {
  return {
    evaluate(index, rows, out) {
      const matrix = matrices.subarray(index * width * width, (index + 1) * width * width);
      for (let row = 0; row < out.length; row++) {
        const values = rows.subarray(row * width, (row + 1) * width);
        out[row] = matrix.reduce(
          (sum, entry, at) => sum + entry * values[Math.floor(at / width)]! * values[at % width]!,
          0,
        );
      }
    },
  };
}
