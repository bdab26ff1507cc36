import { expect, it } from "vitest";
import { randomFor } from "../random.ts";
import type { Engine } from "./kernels.ts";
import { loadKernels } from "./load.ts";

it.each([
  { rows: 1, columns: 1, depth: 1 },
  { rows: 7, columns: 5, depth: 3 },
  { rows: 150, columns: 33, depth: 64 },
])(
  "gives the same bits as plain TypeScript, whatever the engine: $rows x $columns, depth $depth",
  ({ rows, columns, depth }) => {
    const random = randomFor(1, "products");
    const numbers = (size: number) => Float64Array.from({ length: size }, () => random.normal());
    const left = numbers(rows * depth);
    const rights = [numbers((columns + 6) * depth), numbers(columns * depth)];
    const products = (engine: Engine | "auto") => {
      const kernel = loadKernels(engine).rowProducts(depth, columns + 6);
      return rights.map((right) => {
        const product = new Float64Array(rows * columns);
        kernel.load(right);
        kernel.multiply(left, columns, product);
        return product;
      });
    };
    expect(products("simd128")).toEqual(products("reference"));
    expect(products("auto")).toEqual(products("reference"));
  },
);
