import fc from "fast-check";
import { inverse, Matrix, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { type Interactions, interactionsFromPairs } from "../interactions/interactions.ts";
import { randomFor } from "../random.ts";
import { fillScores } from "../scores.ts";
import { Cdae } from "./cdae.ts";
import { NcePlrec } from "./nce-plrec.ts";
import type { FittedRecommender } from "./recommender.ts";
import { Svd } from "./svd.ts";
import { topItems } from "./top-items.ts";

function log(users = 14, items = 9, seed = 1): Interactions {
  const random = randomFor(seed, "log");
  const pairs: [string, string][] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++)
      if (random.uniform() < 0.35) pairs.push([`u${user}`, `i${item}`]);
  }
  return interactionsFromPairs(pairs);
}

function denseOf({ matrix }: Interactions): Matrix {
  const dense = Matrix.zeros(matrix.rows, matrix.columns);
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.offsets[row]!; entry < matrix.offsets[row + 1]!; entry++) {
      dense.set(row, matrix.indices[entry]!, matrix.values[entry]!);
    }
  }
  return dense;
}

function scoresOf({ scores }: FittedRecommender): Matrix {
  const rows = Array.from({ length: scores.users }, (_, user) => {
    const row = new Float32Array(scores.items);
    fillScores(scores, user, user + 1, row);
    return [...row];
  });
  return new Matrix(rows);
}

function expectScores(fitted: FittedRecommender, expected: Matrix): void {
  for (const [user, row] of scoresOf(fitted).to2DArray().entries())
    row.forEach((score, item) => expect(score).toBeCloseTo(expected.get(user, item), 4));
}

function someWeights(interactions: Interactions): Interactions {
  const random = randomFor(5, "weights");
  return interactions.withWeights(
    Float32Array.from({ length: interactions.size }, () => 0.2 + random.uniform()),
  );
}

describe("PureSVD", () => {
  it("gives X V V^T for the weighted X", async () => {
    const interactions = someWeights(log());
    const x = denseOf(interactions);
    const v = new SingularValueDecomposition(x, { autoTranspose: true }).rightSingularVectors.subMatrix(
      0,
      8,
      0,
      2,
    );
    expectScores(
      await new Svd({ factors: 3, iterations: 60 }).fit(interactions),
      x.mmul(v).mmul(v.transpose()),
    );
  });

  it("gives X itself where there are more factors than the matrix has", async () => {
    const interactions = log();
    expectScores(await new Svd({ factors: 500 }).fit(interactions), denseOf(interactions));
  });

  it("scales users twice where weights n_u^-b meet a userPower a: to a + b", async () => {
    const interactions = log();
    const counts = interactions.userCounts();
    const weights = new Float32Array(interactions.size);
    const { offsets } = interactions.matrix;
    for (const [user, count] of counts.entries())
      weights.fill(count ** -0.35, offsets[user], offsets[user + 1]);
    const options = { factors: 4, iterations: 60 };
    const twice = await new Svd({ ...options, userPower: 0.35 }).fit(interactions.withWeights(weights));
    const once = await new Svd({ ...options, userPower: 0.7 }).fit(interactions);
    expectScores(twice, scoresOf(once));
  });
});

describe("NCE-PLRec", () => {
  it.each([1, 0.7])("agrees with a dense closed form at root %d, weights included", async (root) => {
    const interactions = someWeights(log());
    const x = denseOf(interactions);
    const counts = interactions.itemCounts();
    const e = x.clone();
    for (let row = 0; row < e.rows; row++) {
      for (let column = 0; column < e.columns; column++) {
        e.set(row, column, x.get(row, column) * Math.max(Math.log(e.rows / counts[column]! ** root), 0));
      }
    }
    const svd = new SingularValueDecomposition(e, { autoTranspose: true });
    const v = svd.rightSingularVectors.subMatrix(0, 8, 0, 3);
    const q = x.mmul(v).mmul(Matrix.diag(svd.diagonal.slice(0, 4).map(Math.sqrt)));
    const normal = q.transpose().mmul(q).add(Matrix.eye(4).mul(0.5));
    const expected = q.mmul(inverse(normal)).mmul(q.transpose()).mmul(x);
    expectScores(
      await new NcePlrec({ factors: 4, regularization: 0.5, root, iterations: 60 }).fit(interactions),
      expected,
    );
  });

  it("stays finite for one user, for one item, and without a ridge", async () => {
    for (const pairs of [
      [["u", "i"]],
      [
        ["u", "i"],
        ["u", "j"],
      ],
      [
        ["u", "i"],
        ["v", "i"],
      ],
    ] as [string, string][][]) {
      for (const regularization of [0, 1]) {
        const { scores } = await new NcePlrec({ regularization }).fit(interactionsFromPairs(pairs));
        const row = new Float32Array(scores.items);
        fillScores(scores, 0, 1, row);
        expect(row.every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe("recommend", () => {
  it("gives unseen items, best first, and never more than there are", async () => {
    const interactions = interactionsFromPairs([
      ["a", "x"],
      ["a", "y"],
      ["b", "x"],
      ["b", "z"],
      ["c", "y"],
      ["c", "z"],
    ]);
    const model = await new Svd({ factors: 2 }).fit(interactions);
    expect(model.recommend("a").items).toEqual(["z"]);
    const all = model.recommend("a", { excludeSeen: false, limit: 2 });
    expect(all.items).toHaveLength(2);
    expect(all.scores[0]).toBeGreaterThanOrEqual(all.scores[1]!);
    expect(() => model.recommend("nobody")).toThrow(/nobody/);
  });

  it("picks the largest, ties by position, as a full sort does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(-Infinity, 0, 1, 2, 3), { maxLength: 30 }),
        fc.nat(35),
        (row, limit) => {
          const sorted = [...row.keys()].filter((item) => row[item] !== -Infinity);
          sorted.sort((left, right) => row[right]! - row[left]! || left - right);
          expect(topItems(Float32Array.from(row), limit)).toEqual(sorted.slice(0, limit));
        },
      ),
    );
  });
});

describe("fitting", () => {
  it("gives the same bits for the same seed, others for another", async () => {
    const factors = async (seed: number) => {
      const { scores } = await new NcePlrec({ factors: 2, iterations: 1, seed }).fit(log(40, 30));
      return scores.kind === "factors" ? scores.itemFactors : undefined;
    };
    expect(await factors(1)).toEqual(await factors(1));
    expect(await factors(1)).not.toEqual(await factors(2));
  });

  it("refuses more sampled negatives than there are items", async () => {
    await expect(new Cdae({ negatives: 1_000_000 }).fit(log())).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  it("stops when aborted", async () => {
    const stopped = AbortSignal.abort();
    await expect(new Svd().fit(log(), { signal: stopped })).rejects.toMatchObject({ code: "ABORTED" });
  });
});
