import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { loadKernels } from "./load.ts";
import { reference } from "./reference.ts";

const auto = loadKernels();
const engines = auto.engine === "simd128" ? [auto] : [loadKernels("simd128"), auto];

const size = fc.integer({ min: 1, max: 40 });
const rows = fc.oneof(size, fc.integer({ min: 250, max: 600 }));

function normals(count: number, seed: number): Float32Array {
  const random = randomFor(seed, "normals");
  return Float32Array.from({ length: count }, () => random.normal());
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let at = 0; at < actual.length; at++) {
    expect(Math.abs(actual[at]! - expected[at]!)).toBeLessThanOrEqual(tolerance);
  }
}

describe.each(engines)("dense and sparse products on $engine", (kernels) => {
  it("multiplies with a dense matrix, as it is and transposed", () => {
    fc.assert(
      fc.property(rows, size, size, fc.boolean(), (rows, depth, columns, transposed) => {
        const left = normals(rows * depth, 1);
        const right = normals(depth * columns, 2);
        const products = [kernels, reference].map((each) => {
          const product = new Float32Array(rows * columns);
          each.rightFactor(right, { depth, columns, transposed }).multiply(left, product);
          return product;
        });
        expectClose(products[0]!, products[1]!, 1e-5 * depth);
      }),
      { numRuns: 40 },
    );
  });

  it("makes Gram matrices", () => {
    fc.assert(
      fc.property(rows, size, (rows, width) => {
        const matrix = normals(rows * width, 3);
        expectClose(kernels.gram(matrix, width), reference.gram(matrix, width), 1e-5 * rows);
      }),
      { numRuns: 30 },
    );
  });

  it("multiplies sparse rows, from anywhere in the matrix, with a dense matrix", () => {
    fc.assert(
      fc.property(rows, size, size, fc.integer({ min: 0, max: 30 }), (rows, count, width, before) => {
        const random = randomFor(rows, "sparse");
        const offsets = [before];
        const indices: number[] = [];
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < count; column++) if (random.uniform() < 0.3) indices.push(column);
          offsets.push(before + indices.length);
        }
        const dense = normals(count * width, 4);
        const values = normals(indices.length, 5);
        const products = [kernels, reference].map((each) => {
          const product = new Float32Array(rows * width);
          each
            .sparseRightFactor(dense, width)
            .multiply(Uint32Array.from(offsets), Uint32Array.from(indices), values, product);
          return product;
        });
        expectClose(products[0]!, products[1]!, 1e-4);
      }),
      { numRuns: 40 },
    );
  });
});
