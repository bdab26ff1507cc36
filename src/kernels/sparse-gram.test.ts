import { expect, it } from "vitest";
import { randomFor } from "../random.ts";
import type { Engine } from "./kernels.ts";
import { loadKernels } from "./load.ts";

it.each([
  { rows: 1, columns: 1, width: 1 },
  { rows: 40, columns: 23, width: 16 },
  { rows: 300, columns: 70, width: 37 },
  { rows: 9000, columns: 12, width: 5 },
])(
  "gives the same bits as plain TypeScript, whatever the engine: $rows x $columns, width $width",
  (shape) => {
    const { rows, columns, width } = shape;
    const random = randomFor(1, "sparse");
    const offsets = new Uint32Array(rows + 1);
    const entries: number[] = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) if (random.uniform() < 0.3) entries.push(column);
      offsets[row + 1] = entries.length;
    }
    const matrix = {
      offsets,
      indices: Uint32Array.from(entries),
      values: Float32Array.from(entries, () => random.normal()),
    };
    const factor = Float64Array.from({ length: columns * width }, () => random.normal());
    const product = (engine: Engine | "auto") => {
      const result = new Float64Array(columns * width);
      const kernel = loadKernels(engine).sparseGram(columns);
      for (let start = 0; start < width; start += 16) kernel.multiply(matrix, factor, result, width, start);
      return result;
    };
    expect(product("simd128")).toEqual(product("reference"));
    expect(product("auto")).toEqual(product("reference"));
  },
);
