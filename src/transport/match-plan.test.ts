import { expect, it } from "vitest";
import { sparseFromPairs } from "../linalg/sparse.ts";
import { randomFor } from "../random.ts";
import type { Scores } from "../scores.ts";
import { popularityMarginals } from "./marginals.ts";
import { matchInteractions, type Threshold } from "./match.ts";
import { matchByPlan } from "./match-plan.ts";
import { emd, relaxed, sinkhorn } from "./solvers.ts";
import { transport } from "./transport.ts";

const USERS = 30;
const ITEMS = 50;
const random = randomFor(1, "match-plan");
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const scores: Scores = {
  kind: "factors",
  users: USERS,
  items: ITEMS,
  rank: 4,
  userFactors: normals(USERS * 4),
  itemFactors: normals(ITEMS * 4),
};
const pairs = Array.from({ length: 200 }, () => [random.below(USERS - 1), random.below(ITEMS)] as const);
const matrix = sparseFromPairs(
  USERS,
  ITEMS,
  Uint32Array.from(pairs, ([user]) => user),
  Uint32Array.from(pairs, ([, item]) => item),
);
const marginals = popularityMarginals(matrix);

it.each<Threshold>(["personal", "observed", { global: 7 }])(
  "of the relaxed plan is what the closed form says (threshold %o)",
  async (threshold) => {
    const options = { gamma: 0.5, threshold };
    const expected = await matchInteractions(scores, matrix, marginals, { ...options, side: "relaxed" });
    const found = await matchByPlan(scores, matrix, marginals, relaxed({ gamma: 0.5 }), options);
    expect(found.rank).toEqual(expected.rank);
    expect(found.kappa).toEqual(expected.kappa);
    found.match.forEach((value, entry) => expect(value).toBeCloseTo(expected.match[entry]!, 6));
    found.threshold.forEach((value, user) => expect(value).toBeCloseTo(expected.threshold[user]!, 6));
    expect(found.planMass).toBeCloseTo(expected.planMass, 5);
    expect(found.transportCost).toBeCloseTo(expected.transportCost, 4);
    expect(found.scoreRange).toBeCloseTo(expected.scoreRange, 4);
  },
);

it.each([emd(), sinkhorn({ gamma: 0.2 })])(
  "is each interaction's share of its user's row of $name",
  async (solver) => {
    const { plan, cost } = await transport(scores, marginals, solver);
    const found = await matchByPlan(scores, matrix, marginals, solver, { gamma: 0.2, threshold: "personal" });
    const all = plan.dense();
    for (let user = 0; user < USERS; user++) {
      const row = all.slice(user * ITEMS, (user + 1) * ITEMS);
      const total = row.reduce((sum, value) => sum + value, 0);
      for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
        const own = row[matrix.indices[entry]!]!;
        expect(found.match[entry]).toBeCloseTo(own / total, 6);
        expect(found.rank[entry]).toBe(
          1 + row.filter((other) => Math.fround(other / total) > Math.fround(own / total)).length,
        );
      }
    }
    if (solver.name === "emd") expect(found.transportCost).toBeCloseTo(cost, 9);
    expect(found.planMass).toBeCloseTo(1, 5);
  },
);

it("refuses the plan of a solver that stopped early", async () => {
  const hard = sinkhorn({ gamma: 1e-4, iterations: 2 });
  const run = matchByPlan(scores, matrix, marginals, hard, { gamma: 1e-4, threshold: "personal" });
  await expect(run).rejects.toMatchObject({
    code: "NOT_CONVERGED",
    message: expect.stringMatching(/marginals off by/),
  });
});
