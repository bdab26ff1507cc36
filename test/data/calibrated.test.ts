import { describe, expect, it } from "vitest";
import {
  calibrate,
  corrupt,
  gate,
  type Interactions,
  NcePlrec,
  readInteractions,
  scoreDetection,
  splitInteractions,
} from "../../dist/index.js";
import { amusic, ml100k } from "../shared.ts";

/** Bounds a little below what experiments/results/calibrated-detection.json has. */
const LOGS = [
  {
    name: "MovieLens 100K",
    file: ml100k,
    options: { minRating: 4 },
    bounds: { add: [0.9, 0.56], replace: [0.9, 0.56], popular: [0.77, 0.3] },
  },
  {
    name: "AMusic",
    file: amusic,
    options: {},
    bounds: { add: [0.86, 0.46], replace: [0.85, 0.45], popular: [0.8, 0.4] },
  },
] as const;

describe.each(LOGS)("accidental clicks in $name", ({ file, options, bounds }) => {
  const training = async () => {
    const log = await readInteractions(file.path, options);
    return splitInteractions(log, { train: 0.8, test: 0.2, seed: 1 });
  };

  it.skipIf(file.absent)(`are few in the log as it is${file.reason}`, async () => {
    const { train } = await training();
    expect((await calibrate(train)).found).toBe(false);
  });

  for (const [kind, [rocAuc, averagePrecision]] of Object.entries(bounds)) {
    it.skipIf(file.absent)(`are found when injected: ${kind}${file.reason}`, async () => {
      const { train, test } = await training();
      const injected = corrupt(train, { kind: kind as "add", rate: 0.1, seed: 1, avoid: test });
      const { matching, noise, accidents } = await calibrate(injected.interactions);
      const suspicion = matching.match.map((match) => -match);
      const found = scoreDetection({ suspicion, flags: noise, truth: injected.noise });
      expect(found.rocAuc).toBeGreaterThan(rocAuc);
      expect(found.averagePrecision).toBeGreaterThan(averagePrecision);
      expect(found.falseDiscoveryRate).toBeLessThan(0.35);
      expect(accidents.rate.estimate / (0.1 / (kind === "replace" ? 1 : 1.1))).toBeGreaterThan(0.6);
      expect(accidents.rate.estimate / (0.1 / (kind === "replace" ? 1 : 1.1))).toBeLessThan(1.4);
    });
  }
});

describe("the gate", () => {
  it.skipIf(ml100k.absent)(
    `says that denoising helps where 30% were drawn by popularity${ml100k.reason}`,
    async () => {
      const log: Interactions = await readInteractions(ml100k.path, { minRating: 4 });
      const { interactions } = corrupt(log, { kind: "popular", rate: 0.3, seed: 1 });
      const model = (seed: number) => new NcePlrec({ factors: 50, regularization: 10_000, seed });
      const { denoising, overRandomRemoval } = await gate(interactions, { model });
      expect(denoising.verdict).toBe("helps");
      expect(overRandomRemoval.verdict).toBe("helps");
    },
  );
});
