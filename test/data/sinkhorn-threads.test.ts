import { expect, it } from "vitest";
import { sinkhorn, transport } from "../../dist/index.js";
import type { FactorScores } from "../../dist/scores.js";

/** Just large enough that threads are started. */
const [USERS, ITEMS, RANK] = [5100, 4100, 512];

function factors(): FactorScores {
  const side = (rows: number) =>
    Float32Array.from({ length: rows * RANK }, (_, at) => Math.imul(at + 1, 0x9e3779b1) / 2 ** 31 / 16);
  return {
    kind: "factors",
    ...{ users: USERS, items: ITEMS, rank: RANK },
    userFactors: side(USERS),
    itemFactors: side(ITEMS),
  };
}

it("a matrix-free Sinkhorn plan has the same bits from 1, 2, 3 and 7 threads", async () => {
  const shares = (count: number) => Float64Array.from({ length: count }, (_, at) => 1 / (1 + at));
  const marginals = { users: shares(USERS), items: shares(ITEMS) };
  const solve = (threads: number) =>
    transport(factors(), marginals, sinkhorn({ gamma: 0.5, iterations: 3 }), { threads });
  const one = await solve(1);
  expect(one.marginalError).toBeLessThan(0.5);
  const rows = one.plan.rows(5000, 5010);
  for (const threads of [2, 3, 7]) {
    const several = await solve(threads);
    for (const name of ["cost", "mass", "marginalError", "iterations"] as const) {
      expect(several[name]).toBe(one[name]);
    }
    expect(several.potentials).toEqual(one.potentials);
    expect(several.plan.rows(5000, 5010)).toEqual(rows);
  }
});
