import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interactionsFromPairs } from "../interactions/interactions.ts";
import { randomFor } from "../random.ts";
import { type FactorScores, fillScores } from "../scores.ts";
import { loadModel, saveModel } from "./model-file.ts";
import { createModel, MODELS, type ModelName } from "./models.ts";
import type { FittedRecommender } from "./recommender.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prorec-models-"));
});
afterAll(() => rm(folder, { recursive: true }));

const random = randomFor(3, "log");
const pairs = Array.from({ length: 260 }, () => [`u${random.below(30)}`, `i${random.below(20)}`] as const);
const clicks = interactionsFromPairs(pairs);
const interactions = clicks.withWeights(
  Float32Array.from({ length: clicks.size }, () => 0.25 + random.below(4) / 4),
);
const names = Object.keys(MODELS) as ModelName[];
const small = (name: ModelName) => {
  const own: readonly string[] = MODELS[name].parameters;
  return createModel(name, own.includes("factors") ? { factors: 5 } : {});
};

/** Makes every user's scores those of someone new with the same items. */
function forgetUsers({ scores, learned, interactions: { matrix } }: FittedRecommender): void {
  const { userFactors, rank } = scores as FactorScores;
  const input = learned.input as Float32Array;
  for (let user = 0, to = 0; user < matrix.rows; user++, to += rank) {
    for (let k = 0; k < rank - 1; k++) {
      let sum = input[matrix.columns * (rank - 1) + k]!;
      for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
        sum += matrix.values[entry]! * input[matrix.indices[entry]! * (rank - 1) + k]!;
      }
      userFactors[to + k] = Math.max(0, sum);
    }
  }
}

describe.each(names)("a fitted %s", (name) => {
  const fit = () => small(name).fit(interactions);

  it("recommends unseen items, best first, to one as to all", async () => {
    const model = await fit();
    const lists = [];
    for await (const list of model.recommendAll()) lists.push(list);
    expect(lists.map(({ user }) => user)).toEqual([...interactions.users]);
    for (const { user, items, scores } of lists) {
      expect(model.recommend(user)).toEqual({ items, scores });
      expect(scores).toEqual([...scores].sort((left, right) => right - left));
      expect(pairs.some(([other, item]) => other === user && items.includes(item))).toBe(false);
    }
    const every = model.recommend(interactions.users.at(0), { limit: 1000, excludeSeen: false });
    expect(new Set(every.items)).toEqual(new Set(interactions.items));
    const some = [interactions.users.at(4), interactions.users.at(1)];
    const two = [];
    for await (const { user } of model.recommendAll(some, { limit: 1 })) two.push(user);
    expect(two).toEqual(some);
  });

  it("recommends to someone new what it recommends to a user with the same items", async () => {
    const model = await fit();
    if (name === "cdae") forgetUsers(model); // a user's own row is what someone new can't have
    const { matrix } = interactions;
    const row = new Float32Array(matrix.columns);
    for (const user of [0, 7, 19]) {
      const [start, end] = [matrix.offsets[user]!, matrix.offsets[user + 1]!];
      const own = Array.from(matrix.indices.subarray(start, end), (item) => interactions.items.at(item));
      const weights = [...matrix.values.subarray(start, end)];
      const { items, scores } = model.recommendFrom(own, { weights, limit: 100, excludeSeen: false });
      fillScores(model.scores, user, user + 1, row);
      items.forEach((item, index) => {
        expect(scores[index]).toBeCloseTo(row[interactions.items.indexOf(item)]!, 3);
      });
      expect(model.recommendFrom(own).items.some((item) => own.includes(item))).toBe(false);
    }
    expect(() => model.recommendFrom(["never seen"])).toThrow(/never seen/);
    expect(() => model.recommendFrom([interactions.items.at(0)], { weights: [Number.NaN] })).toThrow(/NaN/);
    for (const score of model.recommendFrom([]).scores) expect(score).toBeTypeOf("number");
  });

  it("finds similar items, never the item itself", async () => {
    const model = await fit();
    const item = interactions.items.at(2);
    const { items, scores } = model.similarItems(item, { limit: 1000 });
    expect(items).toHaveLength(interactions.items.size - 1);
    expect(items).not.toContain(item);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(() => model.similarItems("never seen")).toThrow(/never seen/);
  });

  it("is the same after it was saved, bit for bit, and refused when a byte is altered or missing", async () => {
    const model = await fit();
    const path = join(folder, `${name}.prorec`);
    await saveModel(path, model);
    const again = await loadModel(path);
    expect(again.model.name).toBe(name);
    expect(again.model.parameters).toEqual(model.model.parameters);
    expect(again.learned).toEqual(model.learned);
    expect([...again.interactions.users]).toEqual([...interactions.users]);
    for (const user of interactions.users) expect(again.recommend(user)).toEqual(model.recommend(user));
    expect(again.recommendFrom(["i3", "i5"])).toEqual(model.recommendFrom(["i3", "i5"]));

    const bytes = await readFile(path);
    for (const at of [3, 40, bytes.length >> 1, bytes.length - 1]) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 16;
      await writeFile(path, altered);
      await expect(loadModel(path)).rejects.toMatchObject({ code: "CORRUPT_FILE" });
    }
    await writeFile(path, bytes.subarray(0, bytes.length - 7));
    await expect(loadModel(path)).rejects.toMatchObject({ code: "CORRUPT_FILE" });
  });

  it("gives no score to no one: users without interactions get finite scores", async () => {
    const zeroed = clicks.withWeights(
      Float32Array.from({ length: clicks.size }, (_, entry) => (entry < clicks.matrix.offsets[2]! ? 0 : 1)),
    );
    const model = await small(name).fit(zeroed);
    expect(model.recommend(clicks.users.at(0), { limit: 100 }).scores.every(Number.isFinite)).toBe(true);
    expect(model.recommend(clicks.users.at(0), { limit: 100 }).items).toHaveLength(clicks.items.size);
  });
});
