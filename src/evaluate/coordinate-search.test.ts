import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coordinateSearch, type Grid, type Point } from "./coordinate-search.ts";

/** A search of a function of the point; null is a point that can't run. */
async function search(start: Point, grid: Grid, limit: number, objective: (point: Point) => number | null) {
  const visited: Point[] = [];
  const found = await coordinateSearch(start, grid, limit, async (point) => {
    visited.push(point);
    return { point, value: objective(point) };
  });
  expect(found.trials.map(({ point }) => point)).toEqual(visited);
  expect(new Set(visited.map((point) => JSON.stringify(point))).size).toBe(visited.length);
  return { ...found, visited };
}

const GRID = { a: [1, 2, 3], b: [10, 20, 30] };

describe("coordinateSearch", () => {
  it("finds the maximum of a sum in one round and needs another to know", async () => {
    const objective = ({ a, b }: Point) => 9 - (a! - 3) ** 2 - (b! - 20) ** 2;
    const { best, settled, visited } = await search({ a: 1, b: 10 }, GRID, 30, objective);
    expect(best).toEqual({ point: { a: 3, b: 20 }, value: 9 });
    expect(settled).toBe(true);
    expect(visited).toEqual([
      { a: 1, b: 10 },
      { a: 2, b: 10 },
      { a: 3, b: 10 },
      { a: 3, b: 20 },
      { a: 3, b: 30 },
      { a: 1, b: 20 },
      { a: 2, b: 20 },
    ]);
  });

  it("goes around until no single change is better", async () => {
    const ridge = (steep: number) => (point: Point) =>
      10 * point.a! + point.b! - steep * Math.abs(10 * point.a! - point.b!);
    expect((await search({ a: 1, b: 10 }, GRID, 99, ridge(0.5))).best!.point).toEqual({ a: 3, b: 30 });
    expect((await search({ a: 1, b: 10 }, GRID, 99, ridge(3))).best!.point).toEqual({ a: 1, b: 10 });
  });

  it("keeps the first of equal values", async () => {
    const { best, visited } = await search({ a: 2, b: 20 }, GRID, 30, () => 7);
    expect(best!.point).toEqual({ a: 2, b: 20 });
    expect(visited).toHaveLength(5);
  });

  it("stops at the limit, with the best so far", async () => {
    const { best, settled, visited } = await search({ a: 1, b: 10 }, GRID, 4, ({ a, b }) => a! + b!);
    expect(visited).toHaveLength(4);
    expect({ best: best!.point, settled }).toEqual({ best: { a: 3, b: 20 }, settled: false });
  });

  it("is settled with its last trial if nothing is left to try", async () => {
    expect(await search({ a: 1 }, { a: [1, 2] }, 2, ({ a }) => a!)).toMatchObject({ settled: true });
    expect(await search({}, {}, 1, () => 0)).toMatchObject({ settled: true, best: { point: {} } });
  });

  it("passes over what can't run, even at the start", async () => {
    const objective = ({ a }: Point) => (a === 1 ? null : -a!);
    const { best, trials } = await search({ a: 1, b: 10 }, GRID, 30, objective);
    expect(best!.point).toEqual({ a: 2, b: 10 });
    expect(trials[0]!.value).toBeNull();
    expect((await search({ a: 1 }, { a: [1, 2] }, 30, () => null)).best).toBeUndefined();
  });

  it("has the largest value it saw, within the limit, and no better neighbour once settled", async () => {
    const values = fc.array(fc.option(fc.integer({ min: 0, max: 9 })), { minLength: 27, maxLength: 27 });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 30 }), async (table, limit) => {
        const grid = { a: [0, 1, 2], b: [0, 1, 2], c: [0, 1, 2] };
        const objective = ({ a, b, c }: Point) => table[9 * a! + 3 * b! + c!]!;
        const { best, settled, visited } = await search({ a: 1, b: 1, c: 1 }, grid, limit, objective);
        expect(visited.length).toBeLessThanOrEqual(limit);
        const seen = visited.map(objective).filter((value) => value !== null);
        expect(best?.value).toBe(seen.length > 0 ? Math.max(...seen) : undefined);
        if (!settled || best === undefined) return;
        for (const [name, options] of Object.entries(grid)) {
          for (const value of options) {
            const neighbour = objective({ ...best.point, [name]: value });
            expect(neighbour ?? -1).toBeLessThanOrEqual(best.value!);
          }
        }
      }),
    );
  });
});
