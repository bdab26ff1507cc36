import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interactionsFromPairs } from "../../interactions/interactions.ts";
import { randomFor } from "../../random.ts";
import { Cdae } from "../cdae.ts";
import { VaeCf } from "../vae-cf.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prorec-checkpoint-"));
});
afterAll(() => rm(folder, { recursive: true }));

const random = randomFor(8, "log");
const clicks = interactionsFromPairs(
  Array.from({ length: 400 }, () => [`u${random.below(40)}`, `i${random.below(30)}`] as const),
);
const training = { factors: 6, batchSize: 8, epochs: 6, patience: 2 };
const models = [
  {
    name: "CDAE",
    create: (validation: number) => new Cdae({ ...training, validation, loss: "t-ce", dropSchedule: 20 }),
  },
  {
    name: "CDAE on sampled negatives",
    create: (validation: number) => new Cdae({ ...training, validation, negatives: 3 }),
  },
  {
    name: "VAE-CF",
    create: (validation: number) => new VaeCf({ ...training, validation, hidden: 5, annealing: 3 }),
  },
];

describe.each(models)("$name, stopped in the middle", ({ name, create }) => {
  it.each([
    { stage: "train (search)", epoch: 2, validation: 0.1 },
    { stage: "train (fit)", epoch: 0, validation: 0.1 },
    { stage: "train (fit)", epoch: 3, validation: 0 },
  ])(
    "goes on from its checkpoint ($stage, epoch $epoch) to the same bits",
    async ({ stage, epoch, validation }) => {
      const model = create(validation);
      const whole = await model.fit(clicks);
      const checkpoint = join(folder, `${name} ${stage} ${epoch}`);
      const stop = new AbortController();
      const stopped = model.fit(clicks, {
        checkpoint,
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.stage === stage && progress.done === epoch) stop.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
      let epochs = 0;
      const resumed = await model.fit(clicks, { checkpoint, onProgress: () => epochs++ });
      expect(resumed.learned).toEqual(whole.learned);
      let all = 0;
      await model.fit(clicks, { onProgress: () => all++ });
      expect(epochs).toBeLessThan(all);
    },
  );
});

it("a checkpoint of other data, of another model, or altered, is refused", async () => {
  const checkpoint = join(folder, "mine");
  await new Cdae(training).fit(clicks, { checkpoint });
  const other = clicks.withWeights(new Float32Array(clicks.size).fill(0.5));
  for (const [model, log] of [
    [new Cdae(training), other],
    [new Cdae({ ...training, learningRate: 0.1 }), clicks],
    [new VaeCf(training), clicks],
  ] as const) {
    await expect(model.fit(log, { checkpoint })).rejects.toMatchObject({ code: "INPUT_CHANGED" });
  }
  const bytes = await readFile(checkpoint);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(checkpoint, bytes);
  await expect(new Cdae(training).fit(clicks, { checkpoint })).rejects.toMatchObject({
    code: "CORRUPT_FILE",
  });
});

it("refuses hyper-parameters out of range, by name", () => {
  expect(() => new Cdae({ dropout: 1 })).toThrow("dropout is 1; it must be at least 0 and below 1.");
  expect(() => new Cdae({ epochs: 0 })).toThrow("epochs is 0");
  expect(() => new VaeCf({ factors: 2.5 })).toThrow("factors is 2.5; it must be a whole number.");
  expect(() => new VaeCf({ learningRate: Number.NaN })).toThrow("learningRate is NaN");
  expect(() => new VaeCf({ loss: "tce" as "ce" })).toThrow("loss is tce; it must be ce, t-ce, r-ce.");
});

it("says so where training runs away", async () => {
  const model = new VaeCf({ ...training, learningRate: 1e30, validation: 0 });
  await expect(model.fit(clicks)).rejects.toMatchObject({ code: "NOT_CONVERGED" });
});
