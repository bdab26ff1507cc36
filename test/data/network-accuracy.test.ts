import { createModel, evaluate, readInteractions, splitInteractions } from "prorec";
import { expect, it } from "vitest";
import { amusic } from "../shared.ts";

const SEEDS = [1, 2, 3, 4, 5];
const MINUTES = 60_000;

it.skipIf(amusic.absent).each([
  { name: "vae-cf", share: 1 },
  { name: "cdae", share: 0.9 },
] as const)(
  `AMusic, global 70/30, five seeds: $name has paper.ndcg@5 >= $share x PureSVD r100${amusic.reason}`,
  async ({ name, share }) => {
    const log = await readInteractions(amusic.path);
    const sums = { network: 0, svd: 0 };
    for (const seed of SEEDS) {
      const { train, test } = splitInteractions(log, { train: 0.7, test: 0.3, seed });
      const models = {
        network: createModel(name, { seed }),
        svd: createModel("svd", { factors: 100, seed }),
      };
      for (const arm of ["network", "svd"] as const) {
        sums[arm] += (await evaluate(await models[arm].fit(train), test)).means["paper.ndcg@5"]!;
      }
    }
    expect(sums.network).toBeGreaterThanOrEqual(share * sums.svd);
  },
  30 * MINUTES,
);
