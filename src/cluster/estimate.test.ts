import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { clusterSeconds, estimateCluster } from "./estimate.ts";

const SHAPE = { users: 1_948_882, items: 46_110, interactions: 48_817_561, factors: 100, threads: 2 };

it("grows with every part of a shape, while the same side is the shorter one", () => {
  const size = fc.integer({ min: 1, max: 1e8 });
  const shapes = fc.record({ users: size, items: size, interactions: size, factors: size, threads: size });
  fc.assert(
    fc.property(shapes, fc.constantFrom(...(Object.keys(SHAPE) as (keyof typeof SHAPE)[])), (shape, part) => {
      const larger = { ...shape, [part]: 2 * shape[part] };
      fc.pre(shape.users < shape.items === larger.users < larger.items);
      const less = estimateCluster(shape);
      const more = estimateCluster(larger);
      for (const name of Object.keys(less) as (keyof typeof less)[]) {
        expect(more[name]).toBeGreaterThanOrEqual(less[name]);
      }
    }),
  );
});

it("sends the matrix by columns as well only where users are fewer than items", () => {
  const { inputs } = estimateCluster({ ...SHAPE, users: 999, items: 1000, factors: 1 });
  expect(inputs - estimateCluster({ ...SHAPE, users: 1000, items: 1000, factors: 1 }).inputs).toBeGreaterThan(
    4 * SHAPE.interactions,
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

it("gives the time that was measured at Yahoo's shape", () => {
  const growth = JSON.parse(
    readFileSync(new URL("../../bench/results/growth.json", import.meta.url), "utf8"),
  );
  const { shape, seconds, threads, certificate } = growth.find(({ part }: { part: string }) => part === "1");
  const { nearShare } = certificate;
  const measured = threads * (seconds.fit + seconds.transport);
  expect(clusterSeconds({ ...shape, factors: 100, threads, nearShare }) / measured).toBeCloseTo(1, 2);
});

it("adds a pass of WRMF's factors of both sides to inputs and results, and nothing for what stays with the run", () => {
  const { users, items, interactions, factors } = SHAPE;
  const bytes = (passes: number) => estimateCluster({ ...SHAPE, fit: { passes } });
  expect(bytes(3).inputs - bytes(2).inputs).toBe(4 * factors * (users + items));
  const grams = bytes(3).results - bytes(2).results - 4 * factors * (users + items);
  expect(grams).toBeGreaterThan((8 * factors ** 2 * (users + items)) / 4096);
  const none = estimateCluster({ ...SHAPE, fit: "none", transport: "none" });
  expect(none).toMatchObject({ inputs: 4 * (users + 1) + 8 * interactions, results: 0, kernelMemory: 0 });
});
