import { inverse, Matrix, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { type Interactions, interactionsFromPairs } from "../interactions/interactions.ts";
import { randomFor } from "../random.ts";
import { fillScores } from "../scores.ts";
import { Ease } from "./ease.ts";
import { Edlae } from "./edlae.ts";
import { ItemKnn } from "./item-knn.ts";
import { Popularity } from "./popularity.ts";
import type { FittedRecommender } from "./recommender.ts";
import { Svd } from "./svd.ts";

/** A log with weights in which every user and item has something. */
function weightedLog(users: number, items: number): Interactions {
  const random = randomFor(users, "log");
  const pairs: [string, string][] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      if (random.uniform() < 0.2 || item % users === user || user % items === item)
        pairs.push([`u${user}`, `i${item}`]);
    }
  }
  const log = interactionsFromPairs(pairs);
  return log.withWeights(Float32Array.from({ length: log.size }, () => 0.2 + random.uniform()));
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

/** B of the item regression by its definition: P = (X^T X + ridges)^-1, B_ij = -P_ij / P_jj, B_jj = 0. */
function regression(x: Matrix, ridges: number[]): Matrix {
  const p = inverse(x.transpose().mmul(x).add(Matrix.diag(ridges)));
  const b = Matrix.zeros(p.rows, p.columns);
  for (let i = 0; i < p.rows; i++) {
    for (let j = 0; j < p.columns; j++) if (i !== j) b.set(i, j, -p.get(i, j) / p.get(j, j));
  }
  return b;
}

function expectScores({ scores }: FittedRecommender, expected: Matrix): void {
  const row = new Float32Array(scores.items);
  for (let user = 0; user < scores.users; user++) {
    fillScores(scores, user, user + 1, row);
    row.forEach((score, item) => expect(score).toBeCloseTo(expected.get(user, item), 5));
  }
}

/** Fewer users than items, as many, and more: both sides of the system. */
const SHAPES = [
  { users: 17, items: 40 },
  { users: 25, items: 25 },
  { users: 120, items: 30 },
];

describe.each(SHAPES)("with $users users and $items items", ({ users, items }) => {
  const log = weightedLog(users, items);
  const x = denseOf(log);

  it.each([0.01, 1, 30])("EASE is the direct inverse, ridge %d", async (regularization) => {
    const expected = x.mmul(regression(x, new Array(items).fill(regularization)));
    expectScores(await new Ease({ regularization }).fit(log), expected);
  });

  it.each([0, 0.4])("EDLAE is the direct inverse, dropout %d", async (dropout) => {
    const squares = Array.from({ length: items }, (_, item) => x.getColumnVector(item).norm() ** 2);
    const ridges = squares.map((square) => 2 + (dropout / (1 - dropout)) * square);
    expectScores(await new Edlae({ regularization: 2, dropout }).fit(log), x.mmul(regression(x, ridges)));
  });

  it("EASE and EDLAE recommend to someone new by x B, and call what B holds similar", async () => {
    const b = regression(x, new Array(items).fill(3));
    const model = await new Ease({ regularization: 3 }).fit(log);
    const weights = [0.5, 2, 1];
    const chosen = [items - 1, 3, 7];
    const expected = chosen
      .map((item, index) => Matrix.rowVector(b.getRow(item)).mul(weights[index]!))
      .reduce((sum, row) => sum.add(row));
    const own = chosen.map((item) => log.items.at(item));
    const options = { weights, limit: items, excludeSeen: false };
    const found = model.recommendFrom(own, options);
    expect(found.items).toHaveLength(items);
    found.items.forEach((item, index) => {
      expect(found.scores[index]).toBeCloseTo(expected.get(0, log.items.indexOf(item)), 4);
    });
    const similar = model.similarItems(log.items.at(3), { limit: items });
    similar.items.forEach((item, index) => {
      expect(similar.scores[index]).toBeCloseTo(b.get(3, log.items.indexOf(item)), 4);
    });
  });

  it.each([2, 1000])("item-kNN sums the cosines of the %i nearest", async (neighbours) => {
    const lengths = Array.from({ length: items }, (_, item) => x.getColumnVector(item).norm());
    const cosines = x.transpose().mmul(x);
    for (let i = 0; i < items; i++) {
      for (let j = 0; j < items; j++) {
        cosines.set(i, j, i === j ? 0 : cosines.get(i, j) / (lengths[i]! * lengths[j]!));
      }
      const least = cosines.getRow(i).sort((left, right) => right - left)[neighbours - 1] ?? 0;
      for (let j = 0; j < items; j++) if (cosines.get(i, j) < least) cosines.set(i, j, 0);
    }
    expectScores(await new ItemKnn({ neighbours }).fit(log), x.mmul(cosines));
  });

  it.each([
    [0.35, 0.2],
    [0, 0.5],
    [1, 0],
  ])(
    "PureSVD on clicks scaled by n_u^-%d n_j^-%d takes the items' part back",
    async (userPower, itemPower) => {
      const counts = (lines: Matrix) =>
        lines.to2DArray().map((line) => line.filter((value) => value > 0).length);
      const userScales = Matrix.diag(counts(x).map((count) => count ** -userPower));
      const itemScales = counts(x.transpose()).map((count) => count ** -itemPower);
      const scaled = userScales.mmul(x).mmul(Matrix.diag(itemScales));
      const { rightSingularVectors } = new SingularValueDecomposition(scaled, { autoTranspose: true });
      const v = rightSingularVectors.subMatrix(0, items - 1, 0, 3);
      const back = Matrix.diag(itemScales.map((scale) => 1 / scale));
      const expected = scaled.mmul(v).mmul(v.transpose()).mmul(back);
      const model = await new Svd({ factors: 4, iterations: 80, userPower, itemPower }).fit(log);
      expectScores(model, expected);

      const { offsets, indices, values } = log.matrix;
      const own = Array.from(indices.subarray(0, offsets[1]), (item) => log.items.at(item));
      const weights = [...values.subarray(0, offsets[1])];
      const again = model.recommendFrom(own, { weights, limit: items, excludeSeen: false });
      again.items.forEach((item, index) => {
        expect(again.scores[index]).toBeCloseTo(expected.get(0, log.items.indexOf(item)), 5);
      });
    },
  );

  it("popularity is the mean of X's column for everyone", async () => {
    const means = Matrix.rowVector(x.mean("column"));
    expectScores(await new Popularity().fit(log), Matrix.ones(users, 1).mmul(means));
  });
});

it("EASE refuses what can't fit into memory, with figures", async () => {
  const log = interactionsFromPairs(
    Array.from({ length: 400_000 }, (_, index) => [`u${index}`, `i${index}`] as const),
  );
  await expect(new Ease().fit(log)).rejects.toMatchObject({
    code: "TOO_LARGE",
    details: { users: 400_000, items: 400_000, estimatedBytes: 12 * 400_000 ** 2 },
  });
});

it("EASE and EDLAE refuse hyper-parameters without a solution", () => {
  expect(() => new Ease({ regularization: 0 })).toThrow(RangeError);
  expect(() => new Edlae({ regularization: Number.NaN })).toThrow(RangeError);
  expect(() => new Edlae({ dropout: 1 })).toThrow(RangeError);
});
