import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { golden } from "../../test/shared.ts";
import { relabelled, relevanceOf } from "../denoise/relabel.ts";
import type { Engine } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { type SparseMatrix, sparseFromPairs } from "../linalg/sparse.ts";
import { atOnce } from "../progress.ts";
import { randomFor } from "../random.ts";
import type { FactorScores, Scores } from "../scores.ts";
import { popularityMarginals } from "./marginals.ts";
import { type MatchOptions, matchInteractions, type Side } from "./match.ts";

function rowScores(rows: readonly (readonly number[])[]): Scores {
  const items = rows[0]!.length;
  return {
    kind: "rows",
    users: rows.length,
    items,
    fill: (start, end, out) => {
      for (let user = start; user < end; user++) out.set(rows[user]!, (user - start) * items);
    },
  };
}

function observed(rows: readonly (readonly number[])[]) {
  const cells = rows.flatMap((row, user) =>
    row.flatMap((value, item) => (value > 0 ? [[user, item] as const] : [])),
  );
  return sparseFromPairs(
    rows.length,
    rows[0]!.length,
    Uint32Array.from(cells, ([user]) => user),
    Uint32Array.from(cells, ([, item]) => item),
  );
}

/** The whole plan, which only tests form. */
function planBy(engine: Engine, scores: Scores, matrix: SparseMatrix, gamma: number, side: Side): number[][] {
  const { users, items } = popularityMarginals(matrix);
  const kernel = loadKernels(engine).transport(scores, gamma);
  const rows = allRows(scores);
  kernel.addColumns(rows);
  if (side !== "user-side") kernel.setItemSide(kernel.takeColumns(), items);
  const values = new Float32Array(scores.users * scores.items);
  const exponents = kernel.planRows(rows, side === "item-side" ? undefined : users, values);
  return Array.from(exponents, (exponent, user) =>
    Array.from(
      values.subarray(user * scores.items, (user + 1) * scores.items),
      (value) => value * 2 ** exponent,
    ),
  );
}

/** What a kernel takes of all users: their factors or scores. */
function allRows(scores: Scores): Float32Array {
  if (scores.kind === "factors") return scores.userFactors;
  const rows = new Float32Array(scores.users * scores.items);
  scores.fill(0, scores.users, rows);
  return rows;
}

function random(users: number, items: number, rank: number, seed: number, spread = 1) {
  const stream = randomFor(seed, "factors");
  const normals = (count: number) => Float32Array.from({ length: count }, () => spread * stream.normal());
  const scores: FactorScores = {
    kind: "factors",
    users,
    items,
    rank,
    userFactors: normals(users * rank),
    itemFactors: normals(items * rank),
  };
  const cells = Array.from({ length: users }, () =>
    Array.from({ length: items }, () => (stream.uniform() < 0.2 ? 1 : 0)),
  );
  cells[0]![0] = 1;
  return { scores, matrix: observed(cells) };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  for (let index = 0; index < actual.length; index++) {
    const scale = Math.max(Math.abs(expected[index]!), 1e-300);
    expect(Math.abs(actual[index]! - expected[index]!) / scale).toBeLessThan(relative);
  }
}

interface GoldenCase {
  readonly name: string;
  readonly gamma: number;
  readonly beta: number;
  readonly lambda_: number;
  readonly kappa: number[];
  readonly threshold: number[];
  readonly X: number[][];
  readonly M: number[][];
  readonly piU: number[][];
  readonly piV: number[][];
  readonly pi: number[][];
  readonly rho: number[][];
  readonly R: number[][];
  readonly newX: number[][];
}

describe.each<Engine>(["reference", "simd128"])("%s", (engine) => {
  const defaults: MatchOptions = { engine, gamma: 0.1, side: "relaxed", threshold: "personal" };
  const plan = (scores: Scores, matrix: SparseMatrix, gamma: number, side: Side) =>
    planBy(engine, scores, matrix, gamma, side);

  describe.skipIf(golden.absent)(`golden vectors${golden.reason}`, () => {
    const cases: GoldenCase[] = golden.absent ? [] : JSON.parse(readFileSync(golden.path, "utf8")).cases;

    it.each(cases)("$name", async ({ X, M, gamma, beta, lambda_, ...expected }) => {
      const scores = rowScores(M.map((row) => row.map((cost) => -cost)));
      const matrix = observed(X);
      expectClose(plan(scores, matrix, gamma, "item-side").flat(), expected.piU.flat(), 1e-5);
      expectClose(plan(scores, matrix, gamma, "user-side").flat(), expected.piV.flat(), 1e-5);
      expectClose(plan(scores, matrix, gamma, "relaxed").flat(), expected.pi.flat(), 1e-5);
      const matching = await matchInteractions(scores, matrix, popularityMarginals(matrix), {
        ...defaults,
        gamma,
      });
      const atObserved = (table: number[][]) =>
        X.flatMap((row, user) => table[user]!.filter((_, item) => row[item]! > 0));
      expect([...matching.kappa]).toEqual(expected.kappa);
      expectClose(matching.threshold, expected.threshold);
      expectClose(matching.match, atObserved(expected.rho));
      const relevance = atOnce(relevanceOf(matching, matrix.offsets, beta));
      expectClose(relevance, atObserved(expected.R), 1e-5);
      expectClose(atOnce(relabelled(matrix.values, relevance, lambda_)), atObserved(expected.newX));
    });
  });

  describe("the relaxed plan", () => {
    it("meets the items' marginal on the item side and the users' on the user side", async () => {
      const { scores, matrix } = random(30, 40, 5, 1, 0.5);
      const dense = rowScores(
        Array.from({ length: 30 }, (_, user) =>
          Array.from({ length: 40 }, (_, item) => {
            let sum = 0;
            for (let k = 0; k < 5; k++)
              sum += scores.userFactors[user * 5 + k]! * scores.itemFactors[item * 5 + k]!;
            return sum;
          }),
        ),
      );
      const { users, items } = popularityMarginals(matrix);
      const itemPlan = plan(dense, matrix, 0.1, "item-side");
      expectClose(
        items.map((_, item) => itemPlan.reduce((sum, row) => sum + row[item]!, 0)),
        items,
      );
      const userPlan = plan(dense, matrix, 0.1, "user-side");
      expectClose(
        Float64Array.from(userPlan, (row) => row.reduce((sum, value) => sum + value, 0)),
        users,
      );
      for (const side of ["item-side", "user-side"] as const) {
        const { planMass } = await matchInteractions(scores, matrix, popularityMarginals(matrix), {
          ...defaults,
          side,
        });
        expect(planMass).toBeCloseTo(1, 5);
      }
      const both = await matchInteractions(scores, matrix, popularityMarginals(matrix), defaults);
      expect(both.planMass).toBeGreaterThan(1);
      expect(both.planMass).toBeLessThan(2);
    });

    it("is shared out over each user's row: rho sums to 1", async () => {
      const { scores } = random(25, 30, 4, 6, 0.5);
      const everything = observed(Array.from({ length: 25 }, () => new Array<number>(30).fill(1)));
      const { match } = await matchInteractions(
        scores,
        everything,
        popularityMarginals(everything),
        defaults,
      );
      for (let user = 0; user < 25; user++) {
        const row = match.subarray(30 * user, 30 * user + 30);
        expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      }
    });

    it("reports <M, pi> + gamma H(pi)", async () => {
      const { scores, matrix } = random(12, 9, 3, 2, 0.4);
      const dense = rowScores(
        Array.from({ length: 12 }, (_, user) =>
          Array.from({ length: 9 }, (_, item) => {
            let sum = 0;
            for (let k = 0; k < 3; k++)
              sum += scores.userFactors[user * 3 + k]! * scores.itemFactors[item * 3 + k]!;
            return sum;
          }),
        ),
      );
      const rows = plan(dense, matrix, 0.1, "relaxed");
      const row = new Float32Array(9);
      let expected = 0;
      for (const [user, values] of rows.entries()) {
        if (dense.kind === "rows") dense.fill(user, user + 1, row);
        for (const [item, value] of values.entries())
          expected += -row[item]! * value + (value > 0 ? 0.1 * value * (Math.log(value) - 1) : 0);
      }
      const { transportCost } = await matchInteractions(
        scores,
        matrix,
        popularityMarginals(matrix),
        defaults,
      );
      expect(transportCost).toBeCloseTo(expected, 5);
    });

    it("stays finite for scores whose exponentials overflow, and for all-equal ones", async () => {
      for (const spread of [1e4, 1e10, 0]) {
        const { scores, matrix } = random(20, 15, 3, 3, spread);
        const matching = await matchInteractions(scores, matrix, popularityMarginals(matrix), defaults);
        for (const values of [
          matching.match,
          matching.threshold,
          [matching.planMass, matching.transportCost],
        ]) {
          expect([...values].every(Number.isFinite)).toBe(true);
        }
      }
    });

    it("handles one user, one item, and a user without interactions", async () => {
      const one = await matchInteractions(
        rowScores([[0.3]]),
        observed([[1]]),
        popularityMarginals(observed([[1]])),
        defaults,
      );
      expect([...one.match, ...one.threshold, ...one.kappa, ...one.rank]).toEqual([1, 1, 1, 1]);
      const matrix = observed([
        [1, 1, 0],
        [0, 0, 0],
      ]);
      const two = await matchInteractions(
        rowScores([
          [1, 0, 0],
          [0, 1, 0],
        ]),
        matrix,
        popularityMarginals(matrix),
        defaults,
      );
      expect([...two.threshold].every(Number.isFinite)).toBe(true);
      expect(two.kappa[1]).toBe(0);
    });
  });

  describe("what must not change the result", () => {
    const settings = fc.record({ seed: fc.nat(1000), gamma: fc.constantFrom(0.05, 0.1, 0.5) });

    it("adding a constant to all scores", async () => {
      await fc.assert(
        fc.asyncProperty(settings, async ({ seed, gamma }) => {
          const { scores, matrix } = random(15, 12, 3, seed, 0.5);
          const shifted: FactorScores = {
            ...scores,
            rank: 4,
            userFactors: widened(scores.userFactors, 3, 1),
            itemFactors: widened(scores.itemFactors, 3, 0.75),
          };
          const options = { ...defaults, gamma };
          const before = await matchInteractions(scores, matrix, popularityMarginals(matrix), options);
          const after = await matchInteractions(shifted, matrix, popularityMarginals(matrix), options);
          expect(after.kappa).toEqual(before.kappa);
          expectClose(after.match, before.match, 2e-5);
        }),
        { numRuns: 20 },
      );
    });

    it("scaling all scores and gamma together", async () => {
      await fc.assert(
        fc.asyncProperty(settings, async ({ seed, gamma }) => {
          const { scores, matrix } = random(15, 12, 3, seed, 0.5);
          const scaled = { ...scores, userFactors: scores.userFactors.map((value) => 4 * value) };
          const before = await matchInteractions(scores, matrix, popularityMarginals(matrix), {
            ...defaults,
            gamma,
          });
          const after = await matchInteractions(scaled, matrix, popularityMarginals(matrix), {
            ...defaults,
            gamma: 4 * gamma,
          });
          expect(after.kappa).toEqual(before.kappa);
          expectClose(after.match, before.match);
        }),
        { numRuns: 20 },
      );
    });

    it("the order of users and items: a permutation permutes the output", async () => {
      await fc.assert(
        fc.asyncProperty(settings, async ({ seed, gamma }) => {
          const { scores, matrix } = random(90, 12, 3, seed, 0.5);
          const users = Array.from({ length: 90 }, (_, user) => (user * 7 + 3) % 90);
          const items = Array.from({ length: 12 }, (_, item) => (item * 5 + 1) % 12);
          const permuted: FactorScores = {
            ...scores,
            userFactors: Float32Array.from(
              users.flatMap((user) => [...scores.userFactors.subarray(user * 3, user * 3 + 3)]),
            ),
            itemFactors: Float32Array.from(
              items.flatMap((item) => [...scores.itemFactors.subarray(item * 3, item * 3 + 3)]),
            ),
          };
          const cells = Array.from({ length: 90 }, () => new Array<number>(12).fill(0));
          for (const [row, user] of users.entries()) {
            for (const item of matrix.indices.subarray(matrix.offsets[user], matrix.offsets[user + 1])) {
              cells[row]![items.indexOf(item)] = 1;
            }
          }
          const turned = observed(cells);
          const options = { ...defaults, gamma };
          const before = await matchInteractions(scores, matrix, popularityMarginals(matrix), options);
          const after = await matchInteractions(permuted, turned, popularityMarginals(turned), options);
          for (const [row, user] of users.entries()) {
            expect(after.kappa[row]).toBe(before.kappa[user]);
            for (let entry = turned.offsets[row]!; entry < turned.offsets[row + 1]!; entry++) {
              const item = items[turned.indices[entry]!]!;
              const from = matrix.indices
                .subarray(matrix.offsets[user], matrix.offsets[user + 1])
                .indexOf(item);
              expect(after.rank[entry]).toBe(before.rank[matrix.offsets[user]! + from]);
              expectClose([after.match[entry]!], [before.match[matrix.offsets[user]! + from]!]);
            }
          }
        }),
        { numRuns: 10 },
      );
    });
  });

  describe("ranks and thresholds", () => {
    const scores = rowScores([[5, 4, 4, 3, 1]].map((row) => row.map((value) => value / 10)));
    const matrix = observed([[0, 1, 1, 0, 1]]);
    const uniform = { users: Float64Array.of(1), items: new Float64Array(5).fill(0.2) };
    const userSide = { ...defaults, side: "user-side" as const };

    it("count the items strictly better", async () => {
      expect([...(await matchInteractions(scores, matrix, uniform, userSide)).rank]).toEqual([2, 2, 5]);
    });

    it("split after K items with a global threshold, more than there are included", async () => {
      for (const [global, noise] of [
        [1, 3],
        [2, 1],
        [3, 1],
        [5, 0],
        [99, 0],
      ] as const) {
        const matching = await matchInteractions(scores, matrix, uniform, {
          ...userSide,
          threshold: { global },
        });
        expect(matching.match.filter((value) => value < matching.threshold[0]!).length).toBe(noise);
        expect(matching.kappa[0]).toBe(Math.min(global, 5));
      }
    });

    it("split among the user's own items with an observed threshold", async () => {
      const matching = await matchInteractions(scores, matrix, uniform, {
        ...userSide,
        threshold: "observed",
      });
      expect(matching.kappa[0]).toBe(2);
      expect([...matching.match].map((value) => value < matching.threshold[0]!)).toEqual([
        false,
        false,
        true,
      ]);
    });
  });
});

function widened(factors: Float32Array, rank: number, value: number): Float32Array {
  const rows = Array.from({ length: factors.length / rank }, (_, row) => [
    ...factors.subarray(row * rank, (row + 1) * rank),
    value,
  ]);
  return Float32Array.from(rows.flat());
}
