import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { loadKernels } from "./load.ts";
import { reference } from "./reference.ts";

const auto = loadKernels();
const engines = auto.engine === "simd128" ? [auto] : [loadKernels("simd128"), auto];
const size = fc.integer({ min: 1, max: 40 });
const large = fc.oneof(size, fc.integer({ min: 250, max: 300 }));

function normals(count: number, purpose: string, scale = 1): Float32Array {
  const random = randomFor(1, purpose);
  return Float32Array.from({ length: count }, () => scale * random.normal());
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let at = 0; at < actual.length; at++) {
    expect(Math.abs(actual[at]! - expected[at]!)).toBeLessThanOrEqual(
      tolerance * (1 + Math.abs(expected[at]!)),
    );
  }
}

describe.each(engines)("what a network computes, on $engine", ({ networks }) => {
  const expected = reference.networks;

  it("forms the three dense products, of any shape", () => {
    fc.assert(
      fc.property(large, size, size, (rows, depth, columns) => {
        const [left, right] = [normals(rows * depth, "left"), normals(depth * columns, "right")];
        for (const name of ["timesTransposed", "times", "transposedTimes"] as const) {
          const products = [networks, expected].map((each) => {
            const product = new Float32Array(rows * columns).fill(7);
            each[name](left, right, depth, product);
            return product;
          });
          expectClose(products[0]!, products[1]!, 1e-6 * depth);
        }
      }),
      { numRuns: 8 },
    );
  });

  it("takes sigmoids, also of numbers far from 0", () => {
    for (const scale of [1, 1e3, 1e30]) {
      const [actual, wanted] = [normals(5001, "values", scale), normals(5001, "values", scale)];
      networks.sigmoid(actual);
      expected.sigmoid(wanted);
      expectClose(actual, wanted, 1e-6);
    }
  });

  it("normalises rows", () => {
    fc.assert(
      fc.property(size, large, fc.constantFrom(0.1, 5, 1000), (count, width, scale) => {
        const rows = normals(count * width, "rows", scale);
        const sums = networks.logSumExp(rows, width);
        expectClose(sums, expected.logSumExp(rows, width), 1e-6);
        const actual = rows.slice();
        networks.exponentials(actual, width, sums);
        expected.exponentials(rows, width, sums);
        expectClose(actual, rows, scale > 100 ? 1e-3 : 1e-5);
        networks.exponentials(actual, width, new Float64Array(count).fill(Infinity));
        expect(actual.every((value) => value === 0)).toBe(true);
      }),
      { numRuns: 8 },
    );
    expect(networks.logSumExp(Float32Array.of(1, Number.NaN, 2), 3)[0]).toBeNaN();
  });

  it("steps as Adam does, for many steps and more numbers than pass at a time", () => {
    const states = [networks, expected].map((each) => {
      const values = normals(9001, "values");
      const state = { values, first: new Float32Array(9001), second: new Float32Array(9001) };
      for (let step = 1; step <= 20; step++) {
        const gradient = normals(9001, `gradient ${step}`, 3);
        each.adam(state, gradient, { step, learningRate: 0.01, scale: 0.5, decay: 0.1 });
      }
      return state;
    });
    expectClose(states[0]!.values, states[1]!.values, 1e-5);
    expectClose(states[0]!.first, states[1]!.first, 1e-5);
    expectClose(states[0]!.second, states[1]!.second, 1e-5);
  });
});

it("Adam's first step moves each number by the learning rate against its gradient's sign", () => {
  for (const { networks } of [...engines, reference]) {
    const state = { values: Float32Array.of(1, 1), first: new Float32Array(2), second: new Float32Array(2) };
    networks.adam(state, Float32Array.of(3, -0.2), { step: 1, learningRate: 0.01, scale: 1, decay: 0 });
    expectClose(state.values, [0.99, 1.01], 1e-6);
  }
});
