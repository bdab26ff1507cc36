import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reference } from "../../kernels/reference.ts";
import { randomFor } from "../../random.ts";
import { balancedGauge } from "./gauge.ts";

function normals(count: number, seed: number, scale = 1): Float32Array {
  const random = randomFor(seed, "gauge");
  return Float32Array.from({ length: count }, () => scale * random.normal());
}

/** row^T matrix row. */
function form(matrix: Float64Array, row: Float32Array): number {
  const rank = row.length;
  return matrix.reduce((sum, value, at) => sum + value * row[Math.floor(at / rank)]! * row[at % rank]!, 0);
}

/** Length products are never below the score. */
function expectBounds(users: Float32Array, items: Float32Array, rank: number): void {
  const gauge = balancedGauge(reference.gram(users, rank), reference.gram(items, rank), rank);
  for (let user = 0; user < users.length; user += rank) {
    for (let item = 0; item < items.length; item += rank) {
      const u = users.subarray(user, user + rank);
      const v = items.subarray(item, item + rank);
      const score = u.reduce((sum, value, k) => sum + value * v[k]!, 0);
      const bound = Math.sqrt(form(gauge.users, u) * form(gauge.items, v));
      expect(Math.abs(score)).toBeLessThanOrEqual(bound * (1 + 1e-5));
    }
  }
}

describe("the balanced gauge", () => {
  it("bounds every score, whatever the factors", () => {
    const shapes = fc.record({
      rank: fc.integer({ min: 1, max: 8 }),
      users: fc.integer({ min: 1, max: 12 }),
      items: fc.integer({ min: 1, max: 12 }),
      scale: fc.constantFrom(1e-15, 1, 1e4, 1e15),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(shapes, ({ rank, users, items, scale, seed }) => {
        expectBounds(normals(users * rank, seed, scale), normals(items * rank, seed + 1, 1 / scale), rank);
      }),
    );
  });

  it("bounds them for factors without rank, without users' or items' directions, and for zeros", () => {
    const same = [...normals(10, 1)].flatMap((value) => [value, value, 0]);
    const other = [...normals(10, 2)].flatMap((value) => [0, value, 1e-6 * value]);
    expectBounds(Float32Array.from(same), Float32Array.from(other), 3);
    expectBounds(new Float32Array(9), Float32Array.from(other), 3);
    expectBounds(new Float32Array(9), new Float32Array(6), 3);
  });

  it("gives both sides the same energy in every direction: G A G = B", () => {
    const rank = 5;
    const users = normals(60 * rank, 3).map((value, at) => value * 2 ** (at % rank));
    const items = normals(40 * rank, 4);
    const [a, b] = [users, items].map((rows) => reference.gram(rows, rank));
    const { users: g } = balancedGauge(a!, b!, rank);
    const between = new Float64Array(rank * rank);
    for (let i = 0; i < rank; i++)
      for (let j = 0; j < rank; j++)
        for (let k = 0; k < rank; k++)
          for (let l = 0; l < rank; l++)
            between[i * rank + j]! += g[i * rank + k]! * a![k * rank + l]! * g[l * rank + j]!;
    const share = b![0]! / between[0]!;
    const most = Math.max(...b!.map(Math.abs));
    for (const [at, value] of between.entries())
      expect(Math.abs(value * share - b![at]!)).toBeLessThan(1e-4 * most);
  });
});
