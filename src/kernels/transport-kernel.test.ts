import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyMatches, entriesOf, expectClose, factors, rowsOf, shares } from "../../test/plans.ts";
import { golden } from "../../test/shared.ts";
import type { FactorScores, RowScores } from "../scores.ts";
import type { ColumnSums, Kernels, TransportKernel } from "./kernels.ts";
import { loadKernels } from "./load.ts";
import { reference, referenceSplit } from "./reference.ts";

const auto = loadKernels();
const engines = auto.engine === "simd128" ? [auto] : [loadKernels("simd128"), auto];

const shapes = fc.record({
  users: fc.integer({ min: 1, max: 40 }),
  items: fc.integer({ min: 1, max: 40 }),
  rank: fc.integer({ min: 1, max: 13 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

/** log sum over users of exp(score / gamma). */
function logColumnSums({ sums, exponents }: ColumnSums): Float64Array {
  return sums.map((sum, item) => Math.log(sum) + exponents[item]! * Math.LN2);
}

/** The largest sum of the absolute terms of an item's scores, which float32's rounding of a score is relative to. */
function largestTerms({ users, rank, userFactors, itemFactors }: FactorScores, item: number): number {
  const itemRow = itemFactors.subarray(item * rank, (item + 1) * rank);
  const terms = (user: number) =>
    itemRow.reduce((sum, factor, k) => sum + Math.abs(factor * userFactors[user * rank + k]!), 0);
  return Math.max(...Array.from({ length: users }, (_, user) => terms(user)));
}

type Sides = "both" | "items" | "users";
const allSides: Sides[] = ["both", "items", "users"];

/** The whole step: column sums, then every row of the plan. */
function planOf(
  kernels: Kernels,
  scores: FactorScores | RowScores,
  block: Float32Array,
  gamma: number,
  sides: Sides,
  cold?: number,
) {
  const kernel = kernels.transport(scores, gamma);
  kernel.addColumns(block);
  const columns = kernel.takeColumns();
  if (sides !== "users") kernel.setItemSide(columns, shares(scores.items, 1, cold));
  const plan = new Float32Array(scores.users * scores.items);
  const userShares = sides === "items" ? undefined : shares(scores.users, 2);
  const exponents = kernel.planRows(block, userShares, plan);
  const values = Float64Array.from(
    plan,
    (value, at) => value * 2 ** exponents[Math.floor(at / scores.items)]!,
  );
  return { kernel, columns, values, userShares };
}

describe.each(engines)("transport on $engine", (kernels) => {
  it.each([0.01, 0.1, 1])("sums columns as the reference does, gamma %f", (gamma) => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const scores = factors(shape, shape.seed);
        const sums = [kernels, reference].map((each) => {
          const kernel = each.transport(scores, gamma);
          kernel.addColumns(scores.userFactors);
          return logColumnSums(kernel.takeColumns());
        });
        for (const [item, sum] of sums[0]!.entries()) {
          const error = 1e-6 * (1 + largestTerms(scores, item) / gamma);
          expect(Math.abs(sum - sums[1]![item]!)).toBeLessThanOrEqual(error);
        }
      }),
      { numRuns: 40, examples: [[{ users: 2, items: 6, rank: 13, seed: 131 }]] },
    );
  });

  it("sums columns where few users have large scores", () => {
    const scores = factors({ users: 1100, items: 21, rank: 5 }, 17);
    for (const user of [3, 700, 1099]) scores.userFactors.fill(-40, user * 5, user * 5 + 5);
    const sums = [kernels, reference].map((each) => {
      const kernel = each.transport(scores, 0.3);
      kernel.addColumns(scores.userFactors);
      return logColumnSums(kernel.takeColumns());
    });
    expectClose(sums[0]!, sums[1]!, 1e-5);
  });

  it.each(allSides)("makes the reference's plan from factors and from scores, sides: %s", (sides) => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(0.05, 0.1, 1), (shape, gamma) => {
        const scores = factors(shape, shape.seed);
        const rows = rowsOf(scores);
        const expected = planOf(reference, scores, scores.userFactors, gamma, sides, 5).values;
        const tolerance = 2e-6 * (1 + 10 / gamma);
        expectClose(planOf(kernels, scores, scores.userFactors, gamma, sides, 5).values, expected, tolerance);
        expectClose(planOf(kernels, rows, rows.block, gamma, sides, 5).values, expected, tolerance);
      }),
      { numRuns: 40 },
    );
  });

  it("meets the marginals", () => {
    const scores = factors({ users: 300, items: 77, rank: 10 }, 3);
    const byItems = planOf(kernels, scores, scores.userFactors, 0.1, "items", 4).values;
    const p = shares(77, 1, 4);
    const columns = new Float64Array(77);
    for (const [at, value] of byItems.entries()) columns[at % 77]! += value;
    expectClose(columns, p, 1e-5);
    const byUsers = planOf(kernels, scores, scores.userFactors, 0.1, "users").values;
    const rows = new Float64Array(300);
    for (const [at, value] of byUsers.entries()) rows[Math.floor(at / 77)]! += value;
    expectClose(rows, shares(300, 2), 1e-5);
  });

  it("gives cold items no mass from their own side, and some from the users'", () => {
    const scores = factors({ users: 9, items: 12, rank: 4 }, 5);
    for (const gamma of [0.1, 0.01]) {
      const items = planOf(kernels, scores, scores.userFactors, gamma, "items", 3).values;
      const both = planOf(kernels, scores, scores.userFactors, gamma, "both", 3).values;
      for (const [at, value] of items.entries()) {
        if (at % 3 !== 2) continue;
        expect(value).toBe(0);
        if (gamma === 0.1) expect(both[at]).toBeGreaterThan(0);
      }
    }
  });

  it.each([1e2, 1e4, 1e8, 1e12, 1e28])("stays finite and right for scores times %f", (scale) => {
    for (const sides of allSides) {
      const shape = { users: 30, items: 23, rank: 6 };
      const scores = factors(shape, 7, scale);
      const { kernel, columns, values, userShares } = planOf(
        kernels,
        scores,
        scores.userFactors,
        0.01,
        sides,
        5,
      );
      const exact = reference.transport(scores, 0.01);
      exact.addColumns(scores.userFactors);
      expectClose(logColumnSums(columns), logColumnSums(exact.takeColumns()), 1e-5);
      for (const value of values) expect(value).toSatisfy((it: number) => it >= 0 && it < 1.0001);
      const entries = entriesOf(30, 23);
      const out = emptyMatches(30, entries.indices.length);
      kernel.matchRows({ rows: scores.userFactors, shares: userShares, ...entries }, out);
      for (const array of Object.values(out))
        for (const value of array) expect(Number.isFinite(value)).toBe(true);
      expect(Math.max(...out.match)).toBeLessThanOrEqual(1);
      expect(Math.min(...out.kappa)).toBeGreaterThanOrEqual(1);
    }
  });

  it.each(["factors", "rows"] as const)(
    "matches rows of %s: shares of the plan, split, ranks, mass and cost",
    (kind) => {
      fc.assert(
        fc.property(
          shapes,
          fc.constantFrom(0.02, 0.1),
          fc.constantFrom(...allSides),
          (shape, gamma, sides) => {
            const made = factors(shape, shape.seed);
            const scores = kind === "factors" ? made : rowsOf(made);
            const block = kind === "factors" ? made.userFactors : rowsOf(made).block;
            const { kernel, userShares } = planOf(kernels, scores, block, gamma, sides, 6);
            const { users, items } = shape;
            const plan = new Float32Array(users * items);
            const exponents = kernel.planRows(block, userShares, plan);
            const x = rowsOf(made).block.map((score) => score / gamma);
            const entries = entriesOf(users, items);
            const out = emptyMatches(users, entries.indices.length);
            kernel.matchRows({ rows: block, shares: userShares, ...entries }, out);
            for (let user = 0; user < users; user++) {
              const row = plan.subarray(user * items, (user + 1) * items);
              const total = row.reduce((sum, value) => sum + value, 0);
              const power = 2 ** exponents[user]!;
              const first = entries.offsets[user]!;
              const last = entries.offsets[user + 1]!;
              expectClose([out.mass[user]!], [total * power], 1e-6);
              const cost = row.reduce(
                (sum, value, item) =>
                  value === 0
                    ? sum
                    : sum + value * power * (Math.log(value) + Math.log(power) - 1 - x[user * items + item]!),
                0,
              );
              expect(Math.abs(out.cost[user]! - cost)).toBeLessThanOrEqual(
                1e-5 * total * power * (1 + 10 / gamma),
              );
              if (first === last) {
                expect([out.kappa[user], out.threshold[user]]).toEqual([0, 0]);
                continue;
              }
              const split = referenceSplit(row);
              expect(out.kappa[user]).toBe(split.kappa);
              expectClose([out.threshold[user]!], [total > 0 ? split.threshold / total : 0], 1e-6);
              for (let entry = first; entry < last; entry++) {
                const value = row[entries.indices[entry]!]!;
                expectClose([out.match[entry]!], [total > 0 ? value / total : 0], 1e-6);
                expect(out.rank[entry]).toBe(1 + row.filter((other) => other > value).length);
              }
              const own = x.subarray(user * items, (user + 1) * items);
              expectClose([out.low[user]!, out.high[user]!], [Math.min(...own), Math.max(...own)], 1e-3);
            }
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it("takes shares of any size", () => {
    const scores = factors({ users: 20, items: 50, rank: 3 }, 19, 0.1);
    const entries = entriesOf(20, 50);
    const [whole, tiny] = [1, 2 ** -140].map((part) => {
      const kernel = kernels.transport(scores, 1);
      kernel.addColumns(scores.userFactors);
      kernel.setItemSide(
        kernel.takeColumns(),
        shares(50, 1, 7).map((share) => share * part),
      );
      const out = emptyMatches(20, entries.indices.length);
      const userShares = shares(20, 2).map((share) => share * part);
      kernel.matchRows({ rows: scores.userFactors, shares: userShares, ...entries }, out);
      return { ...out, mass: out.mass.map((mass) => mass / part) };
    });
    for (const name of ["match", "threshold", "mass"] as const) expectClose(tiny![name], whole![name], 2e-5);
    expect(tiny!.kappa).toEqual(whole!.kappa);
  });

  it("keeps a given number of items", () => {
    const scores = factors({ users: 5, items: 300, rank: 4 }, 11);
    const { kernel, userShares } = planOf(kernels, scores, scores.userFactors, 0.1, "both");
    const plan = new Float32Array(5 * 300);
    kernel.planRows(scores.userFactors, userShares, plan);
    const entries = entriesOf(5, 300);
    for (const kept of [1, 17, 300, 999]) {
      const out = emptyMatches(5, entries.indices.length);
      kernel.matchRows({ rows: scores.userFactors, shares: userShares, ...entries, kept }, out);
      for (let user = 0; user < 5; user++) {
        const row = plan.slice(user * 300, (user + 1) * 300);
        const total = row.reduce((sum, value) => sum + value, 0);
        expect(out.kappa[user]).toBe(Math.min(kept, 300));
        expectClose([out.threshold[user]!], [row.sort().reverse()[out.kappa[user]! - 1]! / total], 1e-6);
      }
    }
  });

  it.each([
    [1, 0.02],
    [4, 0.3],
    [5, 0.1],
    [256, 0.1],
  ])("gives a user the same bits in blocks of %d, gamma %f", (size, gamma) => {
    const scores = factors({ users: 530, items: 61, rank: 10 }, 13, 2);
    const p = shares(61, 1, 9);
    const q = shares(530, 2);
    const entries = entriesOf(530, 61);
    const match = (kernel: TransportKernel, size: number) => {
      const out = emptyMatches(530, entries.indices.length);
      for (let from = 0; from < 530; from += size) {
        const to = Math.min(530, from + size);
        const [first, last] = [entries.offsets[from]!, entries.offsets[to]!];
        kernel.matchRows(
          {
            rows: scores.userFactors.subarray(from * 10, to * 10),
            shares: q.subarray(from, to),
            offsets: entries.offsets.subarray(from, to + 1),
            indices: entries.indices.subarray(first, last),
          },
          {
            match: out.match.subarray(first, last),
            rank: out.rank.subarray(first, last),
            kappa: out.kappa.subarray(from, to),
            threshold: out.threshold.subarray(from, to),
            mass: out.mass.subarray(from, to),
            cost: out.cost.subarray(from, to),
            low: out.low.subarray(from, to),
            high: out.high.subarray(from, to),
          },
        );
      }
      return out;
    };
    const whole = kernels.transport(scores, gamma);
    whole.addColumns(scores.userFactors);
    const columns = whole.takeColumns();
    whole.setItemSide(columns, p);
    const other = kernels.transport(scores, gamma);
    other.addColumns(scores.userFactors.subarray(0, 5120));
    other.addColumns(scores.userFactors.subarray(5120));
    expect(other.takeColumns()).toEqual(columns);
    other.setItemSide(columns, p);
    expect(match(other, size)).toEqual(match(whole, 530));
  });

  it("refuses what is no number and shapes that do not fit", () => {
    const scores = factors({ users: 2, items: 3, rank: 2 }, 1);
    const broken = { ...scores, itemFactors: scores.itemFactors.with(1, Number.NaN) };
    expect(() => kernels.transport(broken, 0.1).addColumns(scores.userFactors)).toThrow(RangeError);
    const kernel = kernels.transport(scores, 0.1);
    expect(() => kernel.addColumns(Float32Array.of(1, Infinity))).toThrow("not a finite number");
    expect(() => kernel.addColumns(Float32Array.of(1e38, 1))).toThrow("larger gamma");
    const rows = kernels.transport({ kind: "rows", users: 1, items: 2, fill: () => {} }, 0.1);
    expect(() => rows.addColumns(Float32Array.of(0, Number.NaN))).toThrow(RangeError);
    expect(() => kernels.transport(scores, 0)).toThrow("gamma is 0");
    expect(() => kernels.transport({ ...scores, items: 4 }, 1)).toThrow("6 factors are not 4 items of 2");
    expect(() => kernel.addColumns(new Float32Array(3))).toThrow("no whole users");
  });

  it.skipIf(golden.absent)(`makes the plans of the golden vectors${golden.reason}`, () => {
    for (const { M, gamma, p, q, pi, piU, piV } of JSON.parse(readFileSync(golden.path, "utf8")).cases) {
      const block = Float32Array.from(M.flat(), (cost: number) => -cost);
      const users = M.length;
      const items = M[0].length;
      const kernel = kernels.transport({ kind: "rows", users, items, fill: () => {} }, gamma);
      kernel.addColumns(block);
      const columns = kernel.takeColumns();
      const plan = new Float32Array(users * items);
      kernel.planRows(block, Float64Array.from(q), plan);
      expectClose(plan, piV.flat(), 1e-5);
      kernel.setItemSide(columns, Float64Array.from(p));
      kernel.planRows(block, undefined, plan);
      expectClose(plan, piU.flat(), 1e-5);
      kernel.planRows(block, Float64Array.from(q), plan);
      expectClose(plan, pi.flat(), 1e-5);
    }
  });
});

it("loads the best engine and refuses one that this computer lacks", () => {
  expect(loadKernels("reference")).toBe(reference);
  expect(loadKernels("simd128").engine).toBe("simd128");
  if (auto.engine === "relaxed-simd") expect(loadKernels("relaxed-simd")).toBe(auto);
  else expect(() => loadKernels("relaxed-simd")).toThrow(RangeError);
});
