import type { RowProducts } from "./kernels.ts";
import { openWorkspace } from "./workspace.ts";

/** Rows of a panel. */
const PANEL = 4;
/** Rows on the left that pass through at a time. */
const ROWS = 64;

export function wasmRowProducts(module: WebAssembly.Module, depth: number, most: number): RowProducts {
  const stride = PANEL * Math.ceil(most / PANEL);
  const space = openWorkspace(module, {
    right: stride * depth * 8,
    left: ROWS * depth * 8,
    out: ROWS * stride * 8,
  });
  const { run, at } = space;
  const packedRight = space.doubles("right");
  const packedLeft = space.doubles("left");
  const out = space.doubles("out");
  return {
    load: (right) => pack(right, depth, packedRight),
    multiply(left, columns, product) {
      const rows = left.length / depth;
      for (let from = 0; from < rows; from += ROWS) {
        const count = Math.min(ROWS, rows - from);
        pack(left.subarray(from * depth, (from + count) * depth), depth, packedLeft);
        const panels = Math.ceil(columns / PANEL);
        run.multiplyRows(at.left, Math.ceil(count / PANEL), at.right, panels, depth, at.out, stride * 8);
        for (let row = 0; row < count; row++) {
          product.set(out.subarray(row * stride, row * stride + columns), (from + row) * columns);
        }
      }
    },
  };
}

/** Packs rows as [panel][k][4]; what a last panel has beyond them is left as it is. */
function pack(rows: Float64Array, depth: number, packed: Float64Array): void {
  for (let row = 0, from = 0; from < rows.length; row++, from += depth) {
    let target = (row - (row % PANEL)) * depth + (row % PANEL);
    for (let k = from; k < from + depth; k++, target += PANEL) packed[target] = rows[k]!;
  }
}

/** The same in plain TypeScript, with the same bits. */
export function referenceRowProducts(depth: number): RowProducts {
  let right = new Float64Array();
  return {
    load: (rows) => {
      right = Float64Array.from(rows);
    },
    multiply(left, columns, product) {
      for (let row = 0, from = 0; from < left.length; row++, from += depth) {
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let k = 0; k < depth; k++) sum += left[from + k]! * right[column * depth + k]!;
          product[row * columns + column] = sum;
        }
      }
    },
  };
}
