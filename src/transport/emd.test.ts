import highs from "highs";
import { describe, expect, it } from "vitest";
import { type Random, randomFor } from "../random.ts";
import { emd, fixedMass } from "./solvers.ts";
import { transport } from "./transport.ts";

const linear = await (highs as unknown as typeof highs.default)(); // its types are those of its CommonJS form

interface Problem {
  readonly cost: Float64Array;
  readonly q: Float64Array;
  readonly p: Float64Array;
}

/** The least cost that a linear program finds; with a mass, that of so much. */
function optimum({ cost, q, p }: Problem, mass?: number): number {
  const name = (user: number, item: number) => `x${user}_${item}`;
  const terms = Array.from(cost, (value, at) => {
    return `${value < 0 ? "-" : "+"} ${Math.abs(value)} ${name(Math.floor(at / p.length), at % p.length)}`;
  });
  const sign = mass === undefined ? "=" : "<=";
  const rows = Array.from(
    q,
    (total, user) => `${Array.from(p, (_, j) => name(user, j)).join(" + ")} ${sign} ${total}`,
  );
  const columns = Array.from(
    p,
    (total, j) => `${Array.from(q, (_, user) => name(user, j)).join(" + ")} ${sign} ${total}`,
  );
  const all =
    mass === undefined
      ? []
      : [
          `${Array.from(cost, (_, at) => name(Math.floor(at / p.length), at % p.length)).join(" + ")} = ${mass}`,
        ];
  const text = `Minimize\n obj: ${terms.join("\n ")}\nSubject To\n ${[...rows, ...columns, ...all].join("\n ")}\nEnd\n`;
  const { Status, ObjectiveValue } = linear.solve(text);
  expect(Status).toBe("Optimal");
  return ObjectiveValue;
}

/** Whole marginals of one sum, some of them 0. */
function wholes(random: Random, count: number, total: number): Float64Array {
  const values = new Float64Array(count);
  const chosen = Array.from({ length: count }, (_, at) => at).filter(() => random.uniform() < 0.8);
  const places = chosen.length > 0 ? chosen : [0];
  for (let unit = 0; unit < total; unit++) values[places[random.below(places.length)]!]!++;
  return values;
}

const KINDS = ["any", "whole", "equal", "far", "one user", "one item", "negative", "ties"] as const;

function problem(index: number): Problem & { kind: (typeof KINDS)[number] } {
  const random = randomFor(1, "emd", index);
  const kind = KINDS[index % KINDS.length]!;
  const large = index % 25 === 0;
  const users = kind === "one user" ? 1 : large ? 60 : 1 + random.below(14);
  const items = kind === "one item" ? 1 : large ? 80 : 1 + random.below(18);
  const draw = {
    any: () => random.uniform(),
    whole: () => random.below(10),
    equal: () => 3,
    far: () => 1e6 + 1e5 * random.uniform(),
    "one user": () => random.uniform(),
    "one item": () => random.uniform(),
    negative: () => random.normal(),
    ties: () => random.below(2),
  }[kind];
  const total = 1 + random.below(3 * (users + items));
  return {
    kind,
    cost: Float64Array.from({ length: users * items }, draw),
    q: wholes(random, users, total),
    p: wholes(random, items, total),
  };
}

const solve = ({ cost, q, p }: Problem, solver = emd()) =>
  transport({ cost, rows: q.length, columns: p.length }, { users: q, items: p }, solver);

/** Marginals are met, no mass is negative, and by the potentials none could go cheaper. */
function expectProven({ cost, q, p }: Problem, result: Awaited<ReturnType<typeof solve>>): void {
  const scale = cost.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const { users: f, items: g } = result.potentials!;
  const left = { q: q.slice(), p: p.slice() };
  const worst = { mass: 0, slack: 0, used: 0 };
  const total = q.reduce((sum, value) => sum + value, 0);
  for (const [at, mass] of result.plan.dense().entries()) {
    const user = Math.floor(at / p.length);
    const item = at % p.length;
    const slack = cost[at]! - f[user]! - g[item]!;
    left.q[user]! -= mass;
    left.p[item]! -= mass;
    worst.mass = Math.min(worst.mass, mass);
    worst.slack = Math.min(worst.slack, slack);
    if (mass > 1e-12 * total) worst.used = Math.max(worst.used, slack);
  }
  for (const rest of [...left.q, ...left.p]) expect(Math.abs(rest)).toBeLessThanOrEqual(1e-11 * total);
  expect(worst.mass).toBe(0);
  expect(worst.slack).toBeGreaterThanOrEqual(-1e-12 * scale);
  expect(worst.used).toBeLessThanOrEqual(1e-11 * scale);
  expect(result.status).toBe("optimal");
  expect(Math.abs(result.gap!)).toBeLessThanOrEqual(1e-11 * scale * total);
  expect(result.marginalError).toBeLessThanOrEqual(1e-9);
}

describe("emd", () => {
  it.each(KINDS)(
    "costs what a linear program's optimum costs, on 25 problems: %s",
    async (kind) => {
      for (let index = KINDS.indexOf(kind); index < 200; index += KINDS.length) {
        const given = problem(index);
        const result = await solve(given);
        const expected = optimum(given);
        const size = Math.max(Math.abs(expected), kind === "negative" ? 1 : 0);
        expect(Math.abs(result.cost - expected), `${index}`).toBeLessThanOrEqual(1e-9 * size);
        expectProven(given, result);
      }
    },
    30_000,
  );

  it("proves its optimum on a large problem, with shares as marginals", async () => {
    const random = randomFor(2, "emd");
    const shares = (count: number) => {
      const values = Float64Array.from({ length: count }, () => random.uniform() ** 3);
      const total = values.reduce((sum, value) => sum + value, 0);
      return values.map((value) => value / total);
    };
    const given = {
      cost: Float64Array.from({ length: 200 * 300 }, () => random.normal()),
      q: shares(200),
      p: shares(300),
    };
    expectProven(given, await solve(given));
  });

  it("keeps users and items without mass out", async () => {
    const result = await solve({
      cost: Float64Array.of(0, 5, 0, 7),
      q: Float64Array.of(1, 0),
      p: Float64Array.of(0, 1),
    });
    expect(result.cost).toBe(5);
    expect([...result.plan.dense()]).toEqual([0, 1, 0, 0]);
    expect(result.plan.entries!.mass).toHaveLength(1);
  });

  it("ends where all costs are equal, or are far smaller than one of them", async () => {
    const whole = (count: number, at: number) => wholes(randomFor(4, "emd", at), count, 500);
    for (const draw of [() => 0, () => -7, (at: number) => (at === 0 ? 1e9 : (at * 7919) % 13)]) {
      const cost = Float64Array.from({ length: 60 * 90 }, (_, at) => draw(at));
      const given = { cost, q: whole(60, 0), p: whole(90, 1) };
      expectProven(given, await solve(given));
    }
  });

  it("says when it had to stop", async () => {
    const result = await solve(problem(75), emd({ iterations: 1 }));
    expect(result.status).toBe("stopped");
    expect(result.gap).toBeGreaterThan(0);
  });
});

describe("fixed mass", () => {
  it("costs what a linear program's optimum costs", async () => {
    for (let index = 0; index < 60; index++) {
      const given = problem(index * 7 + 1);
      const total = given.q.reduce((sum, value) => sum + value, 0);
      const mass = total * (0.1 + 0.9 * randomFor(3, "mass", index).uniform());
      const result = await solve(given, fixedMass({ mass }));
      const expected = optimum(given, mass);
      expect(Math.abs(result.cost - expected), `${index} ${given.kind}`).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(expected)),
      );
      expect(result.mass).toBeCloseTo(mass, 9);
      expect(result.status).toBe("optimal");
    }
  }, 60_000);

  it("refuses more mass than there is", async () => {
    const run = solve(
      { cost: Float64Array.of(1), q: Float64Array.of(1), p: Float64Array.of(2) },
      fixedMass({ mass: 1.5 }),
    );
    await expect(run).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      message: expect.stringContaining("1.5"),
    });
  });
});
