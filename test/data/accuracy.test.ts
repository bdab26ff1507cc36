import {
  createModel,
  evaluate,
  type ModelName,
  type ModelOptions,
  readInteractions,
  splitInteractions,
} from "prorec";
import { expect, it } from "vitest";
import { amusic, atoy } from "../shared.ts";

const SEEDS = [1, 2, 3, 4, 5];

async function accuracy(path: string, name: ModelName, options: ModelOptions): Promise<number> {
  const log = await readInteractions(path);
  let sum = 0;
  for (const seed of SEEDS) {
    const { train, test } = splitInteractions(log, { train: 0.7, test: 0.3, seed });
    const model = await createModel(name, { ...options, seed }).fit(train);
    sum += (await evaluate(model, test)).means["paper.ndcg@5"]!;
  }
  return sum / SEEDS.length;
}

const NCE = { factors: 200, regularization: 1000, root: 1 };

it.skipIf(amusic.absent)(
  `AMusic, global 70/30, five seeds: PureSVD r100 has paper.ndcg@5 >= .0435${amusic.reason}`,
  async () => {
    expect(await accuracy(amusic.path, "svd", { factors: 100 })).toBeGreaterThanOrEqual(0.0435);
  },
);

it.skipIf(amusic.absent)(
  `AMusic, global 70/30, five seeds: NCE-PLRec r200 has paper.ndcg@5 >= .050${amusic.reason}`,
  async () => {
    expect(await accuracy(amusic.path, "nce-plrec", NCE)).toBeGreaterThanOrEqual(0.05);
  },
);

it.skipIf(atoy.absent)(
  `AToy, global 70/30, five seeds: PureSVD r100 has paper.ndcg@5 >= .0138${atoy.reason}`,
  async () => {
    expect(await accuracy(atoy.path, "svd", { factors: 100 })).toBeGreaterThanOrEqual(0.0138);
  },
);

it.skipIf(amusic.absent)(
  `AMusic, global 70/30, five seeds: WRMF r64 has paper.ndcg@5 >= .050${amusic.reason}`,
  async () => {
    expect(
      await accuracy(amusic.path, "wrmf", { factors: 64, alpha: 20, regularization: 60 }),
    ).toBeGreaterThanOrEqual(0.05);
  },
);

it.skipIf(amusic.absent)(
  `AMusic, global 70/30, five seeds: WRMF r50, ridge 10, alpha 1 has paper.ndcg@5 >= .043${amusic.reason}`,
  async () => {
    expect(
      await accuracy(amusic.path, "wrmf", { factors: 50, alpha: 1, regularization: 10 }),
    ).toBeGreaterThanOrEqual(0.043);
  },
);
