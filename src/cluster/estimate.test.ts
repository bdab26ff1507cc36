import fc from "fast-check";
import { expect, it } from "vitest";
import { estimateCluster } from "./estimate.ts";

const SHAPE = { users: 1_948_882, items: 46_110, interactions: 48_817_561, factors: 100, threads: 2 };

it("grows with every part of a shape", () => {
  const size = fc.integer({ min: 1, max: 1e8 });
  const shapes = fc.record({ users: size, items: size, interactions: size, factors: size, threads: size });
  fc.assert(
    fc.property(shapes, fc.constantFrom(...(Object.keys(SHAPE) as (keyof typeof SHAPE)[])), (shape, part) => {
      const less = estimateCluster(shape);
      const more = estimateCluster({ ...shape, [part]: 2 * shape[part] });
      for (const name of Object.keys(less) as (keyof typeof less)[]) {
        expect(more[name]).toBeGreaterThanOrEqual(less[name]);
      }
    }),
  );
});

it("is the sum of the arrays at Yahoo's shape", () => {
  const { kernelMemory, workerMemory, inputs } = estimateCluster(SHAPE);
  expect(kernelMemory).toBe(8 * 100 * 46_110);
  const matrix = 4 * 1_948_883 + 8 * 48_817_561;
  const factors = 400 * (1_948_882 + 46_110);
  const filled = 8 * 48_817_561 + 32 * 1_948_882;
  expect(workerMemory).toBe(115e6 + matrix + factors + 24 * 46_110 + filled + 2 * kernelMemory);
  const basis = 8 * 110 * 46_110;
  expect(inputs).toBe(matrix + 4 * 48_817_561 + 8 * basis + 8 * 100 * 46_110 + factors + 24 * 46_110);
});
