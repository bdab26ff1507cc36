import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { Matrix, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { type Interactions, interactionsFromPairs } from "../interactions/interactions.ts";
import { randomFor } from "../random.ts";
import type { FittedRecommender } from "./recommender.ts";
import { Wrmf } from "./wrmf.ts";

function log(users: number, items: number, seed: number): Interactions {
  const random = randomFor(seed, "log");
  const pairs: [string, string][] = [["u0", "i0"]];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) if (random.uniform() < 0.3) pairs.push([`u${user}`, `i${item}`]);
  }
  const clicks = interactionsFromPairs(pairs);
  return clicks.withWeights(Float32Array.from({ length: clicks.size }, () => 0.2 + 1.6 * random.uniform()));
}

function factorsOf({ scores, interactions }: FittedRecommender): { x: Matrix; y: Matrix } {
  if (scores.kind !== "factors") throw new Error("WRMF has factors.");
  const matrix = (values: Float32Array, rows: number) => Matrix.from1DArray(rows, scores.rank, [...values]);
  return {
    x: matrix(scores.userFactors, interactions.users.size),
    y: matrix(scores.itemFactors, interactions.items.size),
  };
}

/** w as a dense matrix: 0 where nothing was seen. */
function weightsOf({ matrix }: Interactions): Matrix {
  const dense = Matrix.zeros(matrix.rows, matrix.columns);
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.offsets[row]!; entry < matrix.offsets[row + 1]!; entry++) {
      dense.set(row, matrix.indices[entry]!, matrix.values[entry]!);
    }
  }
  return dense;
}

/** (Y^T C Y + lambda I)^-1 Y^T C p for a user, written out densely. */
function closedForm(y: Matrix, weights: number[], alpha: number, regularization: number): number[] {
  const confidence = Matrix.diag(weights.map((weight) => 1 + alpha * weight));
  const pull = Matrix.columnVector(weights.map((weight) => (1 + alpha) * weight));
  const normal = y.transpose().mmul(confidence).mmul(y).add(Matrix.eye(y.columns).mul(regularization));
  return solve(normal, y.transpose().mmul(pull)).to1DArray();
}

/** sum of w (1 + alpha) (1 - s)^2 + (1 - w) s^2 over all pairs, and the ridge. */
function objective(model: FittedRecommender, alpha: number, regularization: number): number {
  const { x, y } = factorsOf(model);
  const weights = weightsOf(model.interactions);
  const scores = x.mmul(y.transpose());
  let sum = regularization * (x.norm() ** 2 + y.norm() ** 2);
  for (let row = 0; row < scores.rows; row++) {
    for (let column = 0; column < scores.columns; column++) {
      const [weight, score] = [weights.get(row, column), scores.get(row, column)];
      sum += weight * (1 + alpha) * (1 - score) ** 2 + (1 - weight) * score ** 2;
    }
  }
  return sum;
}

function expectRows(actual: Matrix, expected: number[][], tolerance: number): void {
  const size = actual.norm() / Math.sqrt(actual.rows);
  for (const [row, values] of expected.entries()) {
    for (const [column, value] of values.entries()) {
      expect(Math.abs(actual.get(row, column) - value)).toBeLessThanOrEqual(tolerance * size);
    }
  }
}

describe("WRMF", () => {
  it("solves each user's weighted least squares as the dense closed form does", async () => {
    const interactions = log(23, 40, 1);
    for (const [alpha, regularization] of [
      [0, 1],
      [1, 0.3],
      [40, 5],
    ] as const) {
      const model = await new Wrmf({
        factors: 9,
        alpha,
        regularization,
        iterations: 2,
        solver: "cholesky",
      }).fit(interactions);
      const { x, y } = factorsOf(model);
      const expected = weightsOf(interactions)
        .to2DArray()
        .map((weights) => closedForm(y, weights, alpha, regularization));
      expectRows(x, expected, 1e-4);
    }
  });

  it("comes to the same objective by conjugate gradient as by Cholesky", async () => {
    const interactions = log(40, 25, 2);
    const reached = async (solver: "cg" | "cholesky") =>
      objective(
        await new Wrmf({ factors: 6, regularization: 2, iterations: 60, solver }).fit(interactions),
        1,
        2,
      );
    expect((await reached("cg")) / (await reached("cholesky"))).toBeCloseTo(1, 3);
  });

  it("never lets a pass raise the objective", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 30 }),
        fc.integer({ min: 3, max: 30 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(0, 1, 20),
        fc.constantFrom(0.1, 1, 10),
        fc.constantFrom("cg" as const, "cholesky" as const),
        async (users, items, factors, alpha, regularization, solver) => {
          const interactions = log(users, items, users * items);
          let before = Infinity;
          for (let iterations = 1; iterations <= 4; iterations++) {
            const model = await new Wrmf({ factors, alpha, regularization, iterations, solver }).fit(
              interactions,
            );
            const now = objective(model, alpha, regularization);
            expect(now).toBeLessThanOrEqual(before * (1 + 1e-5));
            before = now;
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("takes a weight for the probability that the click counts: next to 0 it is as if it weren't there", async () => {
    const interactions = log(20, 15, 3);
    const { offsets, indices } = interactions.matrix;
    const weights = (doubt: number) =>
      Float32Array.from(indices, (_, entry) => (entry % 5 === 1 ? doubt : 1));
    const scores = async (doubt: number) => {
      const { x, y } = factorsOf(
        await new Wrmf({ factors: 4, solver: "cholesky" }).fit(interactions.withWeights(weights(doubt))),
      );
      return x.mmul(y.transpose()).to1DArray();
    };
    expect(offsets.at(-1)).toBeGreaterThan(50);
    const [gone, doubted] = [await scores(0), await scores(1e-7)];
    doubted.forEach((score, at) => expect(score).toBeCloseTo(gone[at]!, 4));
  });

  it("gives zeros to who has nothing, and finite factors to anything", async () => {
    const clicks = interactionsFromPairs([
      ["a", "x"],
      ["b", "x"],
      ["b", "y"],
      ["c", "z"],
    ]);
    const lonely = clicks.withWeights(Float32Array.of(0, 1, 1, 1e-30));
    for (const regularization of [0, 1e-6, 1]) {
      for (const solver of ["cg", "cholesky"] as const) {
        for (const factors of [1, 2, 100]) {
          const { x, y } = factorsOf(
            await new Wrmf({ factors, regularization, solver, alpha: 100 }).fit(lonely),
          );
          expect(x.getRow(0).every((value) => value === 0)).toBe(true);
          expect([...x.to1DArray(), ...y.to1DArray()].every(Number.isFinite)).toBe(true);
        }
      }
    }
    expect(() => clicks.withWeights(Float32Array.of(1, Number.NaN, 1, 1))).toThrow(/NaN/);
  });

  it("goes on from an earlier fit: two and three passes are five", async () => {
    const interactions = log(20, 15, 3);
    const passes = (iterations: number) => new Wrmf({ factors: 4, solver: "cholesky", iterations });
    const start = await passes(2).fit(interactions);
    const whole = await passes(5).fit(interactions);
    expect((await passes(3).fit(interactions, { start })).learned).toEqual(whole.learned);
    expect((await passes(3).fit(interactions)).learned).not.toEqual(whole.learned);
  });

  it("refuses parameters that make no sense", () => {
    expect(() => new Wrmf({ factors: 0 })).toThrow(RangeError);
    expect(() => new Wrmf({ alpha: -1 })).toThrow(RangeError);
    expect(() => new Wrmf({ regularization: Number.NaN })).toThrow(RangeError);
    expect(() => new Wrmf({ iterations: 1.5 })).toThrow(RangeError);
    expect(() => new Wrmf({ solver: "lu" as never })).toThrow(RangeError);
  });

  it("reports progress, and stops in the middle of a pass", async () => {
    const seen: number[] = [];
    const stop = new AbortController();
    const interactions = log(9, 9, 4);
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      expect(total).toBe(30);
      seen.push(done);
      if (done === 7) stop.abort();
    };
    await expect(new Wrmf().fit(interactions, { onProgress, signal: stop.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it.each([1, 3, 5])("goes on from its checkpoint after pass %i to the same bits", async (pass) => {
    const checkpoint = join(await mkdtemp(join(tmpdir(), "prorec-wrmf-")), "checkpoint");
    const interactions = log(60, 40, 5);
    const model = new Wrmf({ factors: 5, iterations: 6 });
    const whole = await model.fit(interactions);
    const stop = new AbortController();
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      if (done > (pass / 6) * total) stop.abort();
    };
    const stopped = model.fit(interactions, { checkpoint, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    const first: number[] = [];
    const resumed = await model.fit(interactions, { checkpoint, onProgress: ({ done }) => first.push(done) });
    expect(resumed.learned).toEqual(whole.learned);
    expect(first[0]).toBeGreaterThan(1);
    await expect(new Wrmf({ factors: 6 }).fit(interactions, { checkpoint })).rejects.toMatchObject({
      code: "INPUT_CHANGED",
    });
    await rm(dirname(checkpoint), { recursive: true });
  });
});
