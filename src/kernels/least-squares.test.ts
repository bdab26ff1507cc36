import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { loadKernels } from "./load.ts";
import { reference } from "./reference.ts";

const auto = loadKernels();
const engines = auto.engine === "simd128" ? [auto] : [loadKernels("simd128"), auto];

/** Rows with up to `longest` entries, some without. */
function problem(rows: number, others: number, width: number, longest: number, seed: number) {
  const random = randomFor(seed, "least squares");
  const factors = Float32Array.from({ length: others * width }, () => random.normal());
  const offsets = [0];
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    const count = random.uniform() < 0.2 ? 0 : 1 + random.below(longest);
    for (let entry = 0; entry < count; entry++) indices.push(random.below(others));
    offsets.push(indices.length);
  }
  const values = Float32Array.from(indices, () => (random.uniform() < 0.1 ? 0 : 2 * random.uniform()));
  const normal = reference.gram(factors, width);
  for (let k = 0; k < width; k++) normal[k * width + k]! += 1;
  const start = Float32Array.from({ length: rows * width }, () => random.normal());
  return {
    shape: { width, rows: others, longest },
    held: { factors, normal, alpha: 3 * random.uniform() },
    block: { offsets: Uint32Array.from(offsets), indices: Uint32Array.from(indices), values },
    start,
  };
}

function solved(
  kernels: typeof auto,
  { shape, held, block, start }: ReturnType<typeof problem>,
  steps: number | "exact",
) {
  const solver = kernels.leastSquares(shape);
  solver.hold(held);
  const solutions = start.slice();
  const rows = block.offsets.length - 1;
  return { solutions, gram: solver.solve(block, Math.floor(rows / 3), rows, steps, solutions) };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  let size = 0;
  for (let at = 0; at < expected.length; at++) size = Math.max(size, Math.abs(expected[at]!));
  for (let at = 0; at < expected.length; at++) {
    expect(Math.abs(actual[at]! - expected[at]!)).toBeLessThanOrEqual(tolerance * size);
  }
}

const problems = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 20, max: 90 }),
    fc.integer({ min: 1, max: 70 }),
    fc.nat(999),
  )
  .map(([rows, others, width, seed]) => problem(rows, others, width, 150, seed));

describe.each(engines)("implicit least squares on $engine", (kernels) => {
  it.each([0, 1, 3, "exact"] as const)("are plain TypeScript's: %s steps", (steps) => {
    fc.assert(
      fc.property(problems, (problem) => {
        const own = solved(kernels, problem, steps);
        const expected = solved(reference, problem, steps);
        expectClose(own.solutions, expected.solutions, 2e-4);
        expectClose(own.gram, expected.gram, 5e-4);
      }),
      { numRuns: 25 },
    );
  });

  it("come to the exact solution with enough steps", () => {
    const some = problem(30, 80, 12, 60, 1);
    expectClose(solved(kernels, some, 40).solutions, solved(reference, some, "exact").solutions, 1e-4);
  });
});
