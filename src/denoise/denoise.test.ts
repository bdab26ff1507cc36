import { describe, expect, it } from "vitest";
import { Ids } from "../interactions/ids.ts";
import { interactionsFromPairs } from "../interactions/interactions.ts";
import { Ease } from "../models/ease.ts";
import { ItemKnn } from "../models/item-knn.ts";
import { NcePlrec } from "../models/nce-plrec.ts";
import { Popularity } from "../models/popularity.ts";
import { Svd } from "../models/svd.ts";
import { randomFor } from "../random.ts";
import { fillScores, type Scores } from "../scores.ts";
import { squaredErrors } from "./objective.ts";
import { denoise } from "./prorec.ts";

/** Two groups of users with tastes of their own; the last user also has one item of the other group. */
function twoGroups() {
  const random = randomFor(1, "groups");
  const pairs: [string, string][] = [];
  for (let user = 0; user < 60; user++) {
    const side = user % 2;
    for (let item = 0; item < 20; item++)
      if (random.uniform() < 0.5) pairs.push([`u${user}`, `${"ab"[side]}${item}`]);
  }
  pairs.push(["u59", "a3"]);
  return interactionsFromPairs(pairs);
}

const model = new Svd({ factors: 2 });

describe("denoise", () => {
  it("finds the interaction that does not belong and says why", async () => {
    const result = await denoise(twoGroups(), { model });
    const label = result.labelOf("u59", "a3")!;
    expect(label).toMatchObject({ noise: 1 });
    const own = [...result.flagged()].filter((flag) => flag.user === "u59");
    expect(own[0]!.item).toBe("a3");
    expect(own[0]!.evidence.neighbours.length).toBeGreaterThan(0);
    expect(own[0]!.evidence.neighbours.every((item) => item.startsWith("b"))).toBe(true);
    expect(own[0]!.evidence.reason).toContain(`Ranks ${label.rank} of 40`);
    expect(result.labelOf("u59", "a4") ?? result.labelOf("u59", "nothing")).toBeUndefined();
  });

  it.each([new Ease({ regularization: 5 }), new ItemKnn()])(
    "finds it by scores without factors too: $name",
    async (model) => {
      const result = await denoise(twoGroups(), { model });
      expect(result.labelOf("u59", "a3")).toMatchObject({ noise: 1 });
      const { evidence } = [...result.flagged()].find(({ user, item }) => user === "u59" && item === "a3")!;
      expect(evidence.reason).toMatch(/^Ranks \d+ of 40 .* users chose it\.$/);
      expect(result.objective[0]!.afterFit).toBeGreaterThan(0);
    },
  );

  it("takes scores that are the same for every user", async () => {
    const model = new Popularity();
    const { weights } = await denoise(twoGroups(), { model });
    expect(weights.every((weight) => weight >= 0.5 && weight <= 1)).toBe(true);
    const { matching } = await denoise(twoGroups(), { model, transport: "user-side" });
    expect(new Set(matching.kappa).size).toBe(1);
  });

  it("orders flags by margin and limits them", async () => {
    const result = await denoise(twoGroups(), { model });
    const margins = [...result.flagged()].map((flag) => flag.evidence.margin);
    expect(margins).toHaveLength(result.flaggedCount);
    expect(margins).toEqual(margins.toSorted((a, b) => a - b));
    expect(margins.every((margin) => margin < 1)).toBe(true);
    expect([...result.flagged({ limit: 2 })]).toHaveLength(2);
  });

  it("relabels by Eq. 22-23: relevance grows with the match, .5 at the threshold", async () => {
    const result = await denoise(twoGroups(), { model, lambda: 0.25, beta: 10 });
    const { offsets } = result.input.matrix;
    for (let user = 0; user < result.input.users.size; user++) {
      const theta = result.matching.threshold[user]!;
      for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
        const r = 1 / (1 + Math.exp(-10 * (result.matching.match[entry]! - theta)));
        expect(result.relevance[entry]).toBeCloseTo(r, 6);
        expect(result.weights[entry]).toBeCloseTo(0.25 + 0.75 * r, 6);
        expect(result.noise[entry] === 1).toBe(result.matching.match[entry]! < theta);
        expect(result.matching.rank[entry]! <= result.matching.kappa[user]!).toBe(result.noise[entry] === 0);
      }
    }
  });

  it("gives a better match a larger relevance", async () => {
    const { input, matching, relevance } = await denoise(twoGroups(), { model });
    for (let user = 0; user < input.users.size; user++) {
      const start = input.matrix.offsets[user]!;
      const own = Array.from(
        { length: input.matrix.offsets[user + 1]! - start },
        (_, index) => start + index,
      );
      own.sort((left, right) => matching.match[left]! - matching.match[right]!);
      for (const [index, entry] of own.entries()) {
        if (index > 0) expect(relevance[entry]).toBeGreaterThanOrEqual(relevance[own[index - 1]!]!);
      }
    }
  });

  it("changes nothing at lambda 1", async () => {
    const result = await denoise(twoGroups(), { model, lambda: 1 });
    expect(result.weights.every((weight) => weight === 1)).toBe(true);
    expect(result.interactions.matrix).toEqual(result.input.matrix);
  });

  it("compounds the weights over rounds and reports each of them", async () => {
    const once = await denoise(twoGroups(), { model });
    const twice = await denoise(twoGroups(), { model, iterations: 2 });
    expect(twice.objective).toHaveLength(2);
    expect(twice.objective[0]).toEqual(once.objective[0]);
    twice.weights.forEach((weight, entry) => expect(weight).toBeLessThanOrEqual(once.weights[entry]!));
  });

  it("runs until the weights settle, or says that they do not", async () => {
    const settled = await denoise(twoGroups(), { model, untilConverged: true, tolerance: 0.05 });
    expect(settled.settings.iterations).toBeGreaterThan(1);
    const stubborn = denoise(twoGroups(), { model, untilConverged: true, iterations: 2, tolerance: 1e-9 });
    await expect(stubborn).rejects.toMatchObject({ code: "NOT_CONVERGED" });
  });

  it.each([
    ["sinkhorn", 1],
    ["emd", 1],
    ["fixed-mass", 0.8],
    ["unbalanced", undefined],
  ] as const)("matches by the plan of %s as well, with each threshold", async (transport, mass) => {
    for (const threshold of ["personal", "observed", { global: 5 }] as const) {
      const result = await denoise(twoGroups(), { model, transport, threshold, mass: 0.8 });
      expect(result.settings.marginals).toBe(transport === "emd" ? "uniform" : "popularity");
      if (mass !== undefined) expect(result.matching.planMass).toBeCloseTo(mass, 5);
      expect(result.relevance.every((value) => value > 0 && value <= 1)).toBe(true);
      if (threshold === "personal") expect(result.labelOf("u59", "a3")!.match).toBeLessThan(0.01);
    }
  });

  it("says when the transport does not arrive", async () => {
    const run = denoise(twoGroups(), { model, transport: "sinkhorn", gamma: 1e-7 });
    await expect(run).rejects.toMatchObject({ code: "NOT_CONVERGED", hint: /larger gamma/ });
  });

  it("leaves the input as it was", async () => {
    const input = twoGroups();
    const before = structuredClone(input.matrix);
    await denoise(input, { model });
    expect(input.matrix).toEqual(before);
  });

  it("refuses settings out of range", async () => {
    for (const bad of [
      { gamma: 0 },
      { gamma: -1 },
      { beta: Number.NaN },
      { lambda: 1.1 },
      { iterations: 0.5 },
    ]) {
      await expect(denoise(twoGroups(), bad)).rejects.toThrow(RangeError);
    }
  });

  it("refuses, with figures, what can't fit into memory", async () => {
    const pairs = Array.from({ length: 3000 }, (_, index): [string, string] => [`u${index}`, `i${index}`]);
    const ids = new Ids(Array.from({ length: 3000 }, (_, index) => `u${index}`));
    const huge = { ids, factors: new Float32Array(0) };
    const items = {
      ids: new Ids(Array.from({ length: 3000 }, (_, index) => `i${index}`)),
      factors: huge.factors,
    };
    const run = denoise(interactionsFromPairs(pairs), { embeddings: { users: huge, items, rank: 1e9 } });
    await expect(run).rejects.toMatchObject({ code: "TOO_LARGE", message: expect.stringMatching(/MB/) });
  });
});

describe("denoise with embeddings from elsewhere", () => {
  const ids = (prefix: string, count: number) =>
    new Ids(Array.from({ length: count }, (_, index) => `${prefix}${index}`));
  const factors = (count: number, seed: number) => {
    const random = randomFor(seed, "embeddings");
    return Float32Array.from({ length: count }, () => random.normal());
  };
  const embeddings = {
    users: { ids: ids("u", 6), factors: factors(12, 1) },
    items: { ids: ids("i", 5), factors: factors(10, 2) },
    rank: 2,
  };

  it("counts every row in the sums and finds each pair by its ids", async () => {
    const log = interactionsFromPairs([
      ["u4", "i3"],
      ["u4", "i1"],
      ["u0", "i3"],
    ]);
    const result = await denoise(log, { embeddings });
    expect(result.input.matrix).toMatchObject({ rows: 6, columns: 5 });
    expect(result.model).toBeUndefined();
    expect(result.labelOf("u4", "i1")).toBeDefined();
    expect(result.labelOf("u0", "i1")).toBeUndefined();
  });

  it("names an id without a row", async () => {
    const log = interactionsFromPairs([["u4", "i9"]]);
    await expect(denoise(log, { embeddings })).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      message: /i9/,
    });
  });

  it("refuses scores that overflow float32", async () => {
    const users = { ...embeddings.users, factors: embeddings.users.factors.map((value) => value * 1e30) };
    const items = { ...embeddings.items, factors: embeddings.items.factors.map((value) => value * 1e30) };
    const run = denoise(interactionsFromPairs([["u1", "i1"]]), { embeddings: { users, items, rank: 2 } });
    await expect(run).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
  });
});

describe("Eq. 26", () => {
  it("by Gram matrices equals the sum over all pairs", async () => {
    const log = twoGroups();
    const { scores } = await new NcePlrec({ factors: 3 }).fit(log);
    const { matrix } = log;
    let expected = 0;
    const row = new Float32Array(matrix.columns);
    for (let user = 0; user < matrix.rows; user++) {
      fillScores(scores, user, user + 1, row);
      for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
        row[matrix.indices[entry]!]! -= matrix.values[entry]!;
      }
      for (const value of row) expected += value * value;
    }
    if (scores.kind === "factors") {
      for (const value of scores.userFactors) expected += 0.1 * value * value;
      for (const value of scores.itemFactors) expected += 0.1 * value * value;
    }
    const [byGram] = await squaredErrors(matrix, scores, 0.1, [matrix.values]);
    expect(byGram! / expected).toBeCloseTo(1, 4);
    const asRows: Scores = {
      ...scores,
      kind: "rows",
      fill: (start, end, out) => fillScores(scores, start, end, out),
    };
    const [byRows] = await squaredErrors(matrix, asRows, 0, [matrix.values]);
    expect(byRows! / (await squaredErrors(matrix, scores, 0, [matrix.values]))[0]!).toBeCloseTo(1, 4);
  });
});
