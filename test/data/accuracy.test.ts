import {
  createModel,
  evaluate,
  type ModelName,
  type ModelOptions,
  readInteractions,
  splitInteractions,
} from "prorec";
import { describe, expect, it } from "vitest";
import { amusic, atoy, ml100k } from "../shared.ts";

const SEEDS = [1, 2, 3, 4, 5];

async function accuracy(
  path: string,
  minRating: number | undefined,
  name: ModelName,
  options: ModelOptions,
): Promise<number> {
  const log = await readInteractions(path, minRating === undefined ? {} : { minRating });
  let sum = 0;
  for (const seed of SEEDS) {
    const { train, test } = splitInteractions(log, { train: 0.7, test: 0.3, seed });
    const model = await createModel(name, { ...options, seed }).fit(train);
    sum += (await evaluate(model, test)).means["paper.ndcg@5"]!;
  }
  return sum / SEEDS.length;
}

const SCALED = { userPower: 0.35, itemPower: 0.2 };

/** A model, its hyper-parameters, and the least paper.ndcg@5. */
type Case = [name: ModelName, options: ModelOptions, least: number];

const LOGS: { log: string; file: typeof amusic; minRating?: number; cases: Case[] }[] = [
  {
    log: "ML-100k",
    file: ml100k,
    minRating: 4,
    cases: [
      ["ease", { regularization: 400 }, 0.19],
      ["edlae", { regularization: 300 }, 0.19],
      ["svd", { factors: 20, userPower: 0.35, itemPower: 0.25 }, 0.181],
      ["item-knn", {}, 0.158],
      ["popularity", {}, 0.09],
    ],
  },
  {
    log: "AMusic",
    file: amusic,
    cases: [
      ["svd", { factors: 100 }, 0.0435],
      ["svd", { factors: 200, ...SCALED }, 0.054],
      ["nce-plrec", { factors: 200, regularization: 1000, root: 1 }, 0.05],
      ["wrmf", { factors: 50, alpha: 1, regularization: 10 }, 0.043],
      ["wrmf", { factors: 64, alpha: 20, regularization: 60 }, 0.05],
      ["ease", { regularization: 50 }, 0.054],
      ["edlae", { regularization: 50 }, 0.054],
      ["item-knn", {}, 0.025],
      ["popularity", {}, 0.006],
    ],
  },
  {
    log: "AToy",
    file: atoy,
    cases: [
      ["svd", { factors: 100 }, 0.0138],
      ["nce-plrec", { factors: 100, regularization: 1000, root: 1 }, 0.015],
      ["svd", { factors: 100, ...SCALED }, 0.0205],
      ["ease", { regularization: 100 }, 0.024],
      ["edlae", { regularization: 50 }, 0.024],
    ],
  },
];

for (const { log, file, minRating, cases } of LOGS) {
  describe(`${log}, global 70/30, five seeds${file.reason}`, () => {
    it.skipIf(file.absent).each(cases)("%s %j has paper.ndcg@5 >= %d", async (name, options, least) => {
      expect(await accuracy(file.path, minRating, name, options)).toBeGreaterThanOrEqual(least);
    });
  });
}
