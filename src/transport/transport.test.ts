import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../kernels/load.ts";
import { randomFor } from "../random.ts";
import { fillScores, type Scores } from "../scores.ts";
import { emd, fixedMass, itemSide, relaxed, type Solver, sinkhorn, unbalanced, userSide } from "./solvers.ts";
import { transport } from "./transport.ts";

function normals(count: number, seed: number): Float64Array {
  const random = randomFor(seed, "transport");
  return Float64Array.from({ length: count }, () => random.normal());
}

function shares(count: number, seed: number): Float64Array {
  const values = normals(count, seed).map((value) => value * value + 0.01);
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

function problem(users: number, items: number, scale = 1, seed = 1) {
  return {
    cost: { cost: normals(users * items, seed).map((value) => value * scale), rows: users, columns: items },
    marginals: { users: shares(users, seed + 1), items: shares(items, seed + 2) },
  };
}

function factors(users: number, items: number, rank: number): Scores {
  return {
    kind: "factors",
    ...{ users, items, rank },
    userFactors: Float32Array.from(normals(users * rank, 4)),
    itemFactors: Float32Array.from(normals(items * rank, 5), (value) => value / rank),
  };
}

/** Sinkhorn's iterations as in the textbook, float64. */
function textbook({ cost, marginals }: ReturnType<typeof problem>, gamma: number, hold = 1): Float64Array {
  const { rows, columns } = cost;
  const { users: q, items: p } = marginals;
  const kernel = cost.cost.map((value, at) => {
    const reference = hold === 1 ? 1 : q[Math.floor(at / columns)]! * p[at % columns]!;
    return reference * Math.exp(-value / gamma);
  });
  const u = new Float64Array(rows).fill(1);
  const v = new Float64Array(columns).fill(1);
  for (let sweep = 0; sweep < 3000; sweep++) {
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += kernel[i * columns + j]! * v[j]!;
      u[i] = (q[i]! / sum) ** hold;
    }
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += kernel[i * columns + j]! * u[i]!;
      v[j] = (p[j]! / sum) ** hold;
    }
  }
  return kernel.map((value, at) => value * u[Math.floor(at / columns)]! * v[at % columns]!);
}

const entropy = (values: Float64Array) => values.reduce((sum, value) => sum - value * Math.log(value), 0);

describe("sinkhorn", () => {
  it.each([0.2, 1, 10])("is the textbook's plan at gamma %d", async (gamma) => {
    const given = problem(13, 22);
    const result = await transport(given.cost, given.marginals, sinkhorn({ gamma }));
    const expected = textbook(given, gamma);
    expect(result.status).toBe("converged");
    expect(result.marginalError).toBeLessThanOrEqual(1e-9);
    result.plan
      .dense()
      .forEach((value, at) => expect(Math.abs(value / expected[at]! - 1)).toBeLessThan(1e-6));
    expect(result.cost).toBeCloseTo(
      expected.reduce((sum, value, at) => sum + value * given.cost.cost[at]!, 0),
      7,
    );
    const { users: f, items: g } = result.potentials!;
    const [mass] = result.plan.at([4], [7]);
    expect(Math.exp((f[4]! + g[7]! - given.cost.cost[4 * 22 + 7]!) / gamma) / mass!).toBeCloseTo(1, 6);
  });

  it("lies above the least cost by gamma times the lesser entropy at most, at every gamma", async () => {
    const given = problem(17, 9);
    const { cost: least } = await transport(given.cost, given.marginals, emd());
    const { users, items } = given.marginals;
    for (const gamma of [1e-3, 0.01, 0.1, 1, 100]) {
      const solver = sinkhorn({ gamma, iterations: 20_000 });
      const { cost, status } = await transport(given.cost, given.marginals, solver);
      expect(status).toBe("converged");
      expect(cost - least).toBeGreaterThanOrEqual(-1e-7);
      expect(cost - least).toBeLessThanOrEqual(gamma * Math.min(entropy(users), entropy(items)) + 1e-7);
    }
  });

  it("gives a plan at gamma 1e-4 with costs of a million, and says when it was stopped", async () => {
    const given = problem(12, 15, 1e6);
    const { cost: least } = await transport(given.cost, given.marginals, emd());
    const result = await transport(given.cost, given.marginals, sinkhorn({ gamma: 1e-4, iterations: 100 }));
    expect(result.plan.dense().every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(result.mass).toBeCloseTo(1, 6);
    expect(result.status === "converged").toBe(result.marginalError < 1e-5);
    expect(result.cost - least).toBeLessThan(2e6 * result.marginalError + 1);
    const once = await transport(given.cost, given.marginals, sinkhorn({ gamma: 1e5, iterations: 1 }));
    expect(once.status).toBe("stopped");
    expect(once.marginalError).toBeGreaterThan(1e-6);
  });

  it("without a stored matrix is the same, to 1e-6", async () => {
    const scores = factors(40, 70, 6);
    const cost = new Float32Array(40 * 70);
    fillScores(scores, 0, 40, cost);
    const marginals = { users: shares(40, 8), items: shares(70, 9) };
    const dense = await transport(
      { cost: cost.map((value) => -value), rows: 40, columns: 70 },
      marginals,
      sinkhorn({ gamma: 0.1 }),
    );
    const rows: Scores = {
      kind: "rows",
      users: 40,
      items: 70,
      fill: (...block) => fillScores(scores, ...block),
    };
    for (const given of [scores, rows]) {
      const free = await transport(given, marginals, sinkhorn({ gamma: 0.1 }));
      expect(free.marginalError).toBeLessThanOrEqual(1e-6);
      expect(Math.abs(free.cost - dense.cost)).toBeLessThan(1e-6);
      const expected = dense.plan.dense();
      free.plan.dense().forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(1e-6));
    }
  });

  it("leaves out what has no share", async () => {
    const given = problem(5, 6);
    given.marginals.users[2] = 0;
    given.marginals.items[4] = 0;
    const result = await transport(given.cost, given.marginals, sinkhorn({ gamma: 0.3 }));
    expect(result.notes).toHaveLength(1);
    expect(result.marginalError).toBeLessThan(1e-9);
    expect(result.plan.rows(2, 3).every((value) => value === 0)).toBe(true);
    expect(result.plan.at([0, 1], [4, 4])).toEqual(Float64Array.of(0, 0));
  });

  it("is the same plan from every engine", async () => {
    const given = problem(21, 34);
    const [plain, ...others] = await Promise.all(
      (["reference", "simd128", "auto"] as const).map(async (engine) => {
        const result = await transport(given.cost, given.marginals, sinkhorn({ gamma: 0.2 }), { engine });
        return result.plan.dense();
      }),
    );
    for (const other of others) {
      other.forEach((value, at) => expect(Math.abs(value / plain![at]! - 1)).toBeLessThan(1e-6));
    }
  });
});

describe("unbalanced", () => {
  it("is the textbook's plan, and nears the balanced one as the penalty grows", async () => {
    const given = problem(11, 8);
    const result = await transport(
      given.cost,
      given.marginals,
      unbalanced({ gamma: 0.5, marginalPenalty: 1 }),
    );
    const expected = textbook(given, 0.5, 1 / 1.5);
    expect(result.status).toBe("converged");
    result.plan
      .dense()
      .forEach((value, at) => expect(Math.abs(value / expected[at]! - 1)).toBeLessThan(1e-6));
    const errors = [];
    for (const marginalPenalty of [0.1, 1, 10, 100]) {
      const solver = unbalanced({ gamma: 0.5, marginalPenalty, iterations: 10_000 });
      errors.push((await transport(given.cost, given.marginals, solver)).marginalError);
    }
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(errors.at(-1)).toBeLessThan(0.02);
  });
});

describe("relaxed", () => {
  it("is the closed form: each side meets its marginals, the larger of both has more than their mass", async () => {
    const given = problem(9, 14);
    const { users, items } = given.marginals;
    const solve = (solver: Solver) => transport(given.cost, given.marginals, solver);
    const [both, byUser, byItem] = await Promise.all(
      [relaxed, userSide, itemSide].map((side) => solve(side({ gamma: 0.5 }))),
    );
    const rows = users.map((_, user) =>
      byUser!.plan.rows(user, user + 1).reduce((sum, value) => sum + value, 0),
    );
    rows.forEach((sum, user) => expect(sum).toBeCloseTo(users[user]!, 6));
    const columns = new Float64Array(items.length);
    byItem!.plan.dense().forEach((value, at) => (columns[at % items.length]! += value));
    columns.forEach((sum, item) => expect(sum).toBeCloseTo(items[item]!, 6));
    const larger = byUser!.plan.dense().map((value, at) => Math.max(value, byItem!.plan.dense()[at]!));
    both!.plan.dense().forEach((value, at) => expect(value / larger[at]!).toBeCloseTo(1, 4));
    expect(both!.status).toBe("closed-form");
    expect(both!.mass).toBeGreaterThan(1);
    expect(byUser!.mass).toBeCloseTo(1, 5);
  });
});

describe("transport", () => {
  const fair = problem(2, 3);
  const solvers = [
    emd(),
    fixedMass({ mass: 0.5 }),
    relaxed({ gamma: 1 }),
    sinkhorn({ gamma: 1 }),
    unbalanced({ gamma: 1, marginalPenalty: 1 }),
  ];

  it.each([
    ["negative", { users: [1, -1], items: [1, 1, 1] }, /marginal of user 1 is -1/],
    ["not a number", { users: [1, 1], items: [1, Number.NaN, 1] }, /marginal of item 1 is NaN/],
    ["all zero", { users: [0, 0], items: [1, 1, 1] }, /users sum to 0/],
    ["too few", { users: [1], items: [1, 1, 1] }, /1 marginals for 2 users/],
  ])("refuses marginals that are %s", async (_, marginals, message) => {
    for (const solver of solvers) {
      const run = transport(fair.cost, marginals, solver);
      await expect(run).rejects.toMatchObject({
        code: "SHAPE_MISMATCH",
        message: expect.stringMatching(message),
      });
    }
  });

  it("refuses costs of another shape or that are no numbers", async () => {
    for (const solver of solvers) {
      const short = transport({ ...fair.cost, rows: 5 }, fair.marginals, solver);
      await expect(short).rejects.toMatchObject({
        code: "SHAPE_MISMATCH",
        message: "6 costs are not 5 x 3.",
      });
      for (const wrong of [Number.NaN, Infinity, -Infinity]) {
        const cost = { ...fair.cost, cost: fair.cost.cost.with(4, wrong) };
        const run = transport(cost, fair.marginals, solver);
        await expect(run).rejects.toMatchObject({ message: `The cost of user 1 and item 1 is ${wrong}.` });
      }
    }
  });

  it("refuses settings out of range", () => {
    for (const gamma of [0, -1, Number.NaN, Infinity]) {
      for (const solver of [sinkhorn, relaxed, userSide, itemSide]) {
        expect(() => solver({ gamma })).toThrow(`gamma is ${gamma}`);
      }
    }
    expect(() => fixedMass({ mass: 0 })).toThrow("mass is 0");
    expect(() => unbalanced({ gamma: 1, marginalPenalty: -2 })).toThrow("marginalPenalty is -2");
  });

  it("refuses an exact plan that can't fit, with figures", async () => {
    const users = 1_948_882;
    const items = 46_110;
    const scores: Scores = { kind: "rows", users, items, fill: () => {} };
    const marginals = { users: new Float64Array(users).fill(1), items: new Float64Array(items).fill(1) };
    const run = transport(scores, marginals, emd());
    await expect(run).rejects.toMatchObject({
      code: "TOO_LARGE",
      message: expect.stringMatching(/1,078,3\d\d MB/),
    });
  });

  it("stops where it is told to", async () => {
    const given = problem(60, 80);
    for (const solver of [emd(), sinkhorn({ gamma: 1e-3, iterations: 1e6 })]) {
      const stop = new AbortController();
      const run = transport(given.cost, given.marginals, solver, {
        signal: stop.signal,
        onProgress: () => stop.abort(),
      });
      await expect(run).rejects.toMatchObject({ code: "ABORTED" });
    }
  });

  it("scales marginals of different sums to 1 and says so", async () => {
    const result = await transport(fair.cost, { users: [1, 3], items: [1, 1, 1] }, emd());
    expect(result.mass).toBeCloseTo(1, 12);
    expect(result.notes).toEqual([expect.stringContaining("sum to 4 and the items' to 3")]);
  });

  it("refuses rows and pairs that are not there", async () => {
    const { plan } = await transport(fair.cost, fair.marginals, emd());
    expect(() => plan.rows(1, 4)).toThrow(RangeError);
    expect(() => plan.at([2], [0])).toThrow(RangeError);
  });
});

describe("kernels", () => {
  it("find the least reduced costs of a row and of an item", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 0, max: 9 }), (items, seed) => {
        const wide = normals(3 * items, seed);
        for (const cost of [wide, Float32Array.from(wide)]) {
          const answers = (["reference", "simd128", "auto"] as const).map((engine) => {
            const potentials = normals(3 + items, seed + 10);
            const pricing = loadKernels(engine).pricing({ cost, rows: 3, columns: items }, potentials);
            pricing.heights.set(normals(items, seed + 20), 3);
            return [
              [pricing.leastBelow(0, 0), pricing.leastBelow(1, -1.5), pricing.leastBelow(2, -1e9)],
              ...[[0, 0.5] as const, [1, -1.5] as const].map(([user, bar]) =>
                Array.from(pricing.allBelow(user, bar)),
              ),
              ...[1, 7, 32].map((most) => Array.from(pricing.nearest(1, most))),
              Array.from(pricing.nearestUsers()),
            ];
          });
          expect(answers[1]).toEqual(answers[0]);
          expect(answers[2]).toEqual(answers[0]);
          expect(answers[0]![0]![2]).toBe(-1);
        }
      }),
      { numRuns: 30 },
    );
  });
});
