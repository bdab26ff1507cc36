import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Interactions, interactionsFromPairs } from "../interactions/interactions.ts";
import { splitInteractions } from "../interactions/split.ts";
import { findEntry } from "../linalg/sparse.ts";
import { MODELS, type ModelName } from "../models/models.ts";
import { randomFor } from "../random.ts";
import { compare } from "./compare.ts";
import type { Trial } from "./trial.ts";
import { type TuneOptions, tune } from "./tune.ts";

const random = randomFor(5, "log");
/** Two groups of users with tastes of their own, and some clicks beside them. */
const log = interactionsFromPairs(
  Array.from({ length: 600 }, () => {
    const user = random.below(50);
    const item = 2 * random.below(20) + (random.uniform() < 0.9 ? user % 2 : random.below(2));
    return [`u${user}`, `i${item}`] as const;
  }),
);
const SHARES = { train: 0.5, validation: 0.2, test: 0.3 };
const UNSCALED = { userPower: 0, itemPower: 0 };
const quick = {
  model: "svd",
  parameters: UNSCALED,
  runs: 2,
  trials: 4,
} as const satisfies TuneOptions;

describe("every model's grid", () => {
  it.each(Object.keys(MODELS) as ModelName[])("%s: hyper-parameters it has, a value once", (name) => {
    const { grid, parameters } = MODELS[name];
    for (const [key, values] of Object.entries(grid)) {
      expect(parameters).toContain(key);
      expect(new Set(values).size).toBe(values.length);
    }
  });
});

describe("tune", () => {
  it("starts at the defaults, and has the mean of the runs on validation", async () => {
    const { trials, default: first, base, best, prorec } = await tune(log, { ...quick, trials: 30 });
    expect(first).toBe(trials[0]);
    expect(first.parameters).toEqual({ factors: 40, ...UNSCALED }); // 100, had the log as many items
    expect(trials.map(({ parameters }) => parameters.factors)).toEqual([40, 5, 10, 20, 50, 100, 200]);
    expect(base.value).toBe(Math.max(...trials.map(({ value }) => value ?? -1)));
    expect({ best, prorec }).toEqual({ best: base, prorec: null });
    for (const { runs, value } of trials.slice(0, 4))
      expect(value).toBeCloseTo((runs[0]! + runs[1]!) / 2, 15);
  });

  it("logs factors beyond the log's dimensions as such", async () => {
    const { trials, settled } = await tune(log, { ...quick, trials: 30 });
    expect(trials[6]).toEqual({
      parameters: { factors: 200, ...UNSCALED },
      denoise: null,
      value: null,
      runs: [],
      failure: {
        code: "TOO_LARGE",
        message: "svd can't have 200 factors here: the matrix has 40 dimensions.",
      },
    });
    expect(settled).toBe(true);
  });

  it("never looks at test rows: any others in their place change nothing", async () => {
    const options = { ...quick, denoise: {}, trials: 6, seed: 3 } as const;
    const before = await tune(log, options);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        expect(await tune(withOtherTestRows(log, 3, seed), options)).toEqual(before);
      }),
      { numRuns: 3 },
    );
  });

  it("leaves out of its sight what compare tests its first run on", async () => {
    const other = withOtherTestRows(log, 3, 1);
    const options = { model: () => MODELS.svd.create({ factors: 4 }), prorec: false, runs: 1, seed: 3 };
    const [one, two] = [await compare(log, options), await compare(other, options)];
    expect(one.runs).not.toEqual(two.runs); // the rows that were changed are those it tests on
  });

  it("searches denoising on the best model, with half of the trials at least", async () => {
    const { trials, base, prorec, best } = await tune(log, { ...quick, denoise: { beta: 7 }, trials: 9 });
    const settings = trials.slice(5).map(({ denoise }) => denoise);
    expect(trials.slice(0, 5).every(({ denoise }) => denoise === null)).toBe(true);
    expect(settings).toEqual([0.1, 0.05, 0.075, 0.125].map((gamma) => ({ gamma, beta: 7, lambda: 0.5 })));
    for (const { parameters } of trials.slice(5)) expect(parameters).toEqual(base.parameters);
    expect(best).toBe(prorec!.value! > base.value! ? prorec : base);
  });

  it("has the base's value, bit for bit, where lambda 1 changes no weight", async () => {
    const given = { gamma: 0.1, beta: 20, lambda: 1 };
    const { base, prorec, best } = await tune(log, {
      ...quick,
      model: "nce-plrec",
      parameters: {},
      denoise: given,
    });
    expect(prorec).toEqual({ ...base, denoise: given });
    expect(best).toBe(base);
  });

  it("does not search what is given", async () => {
    const { trials } = await tune(log, {
      ...quick,
      model: "nce-plrec",
      parameters: { factors: 8, root: 0.8 },
      trials: 3,
    });
    expect(trials.map(({ parameters }) => parameters)).toEqual(
      [1000, 0.001, 100].map((regularization) => ({ factors: 8, regularization, root: 0.8 })),
    );
    const alone = await tune(log, { ...quick, parameters: { factors: 8, ...UNSCALED } });
    expect(alone).toMatchObject({ settled: true, trials: [{ parameters: { factors: 8 } }] });
  });

  it("takes finished trials and ends as if it had made them", async () => {
    const options = { ...quick, denoise: {}, trials: 9 };
    const whole = await tune(log, options);
    const told: [Trial, boolean][] = [];
    const resumed = await tune(log, {
      ...options,
      finished: whole.trials.slice(0, 6),
      onTrial: (trial, taken) => void told.push([trial, taken]),
    });
    expect(resumed).toEqual(whole);
    expect(told).toEqual(whole.trials.map((trial, index) => [trial, index < 6]));
  });

  it("stops in a trial, its finished ones told", async () => {
    const control = new AbortController();
    const told: Trial[] = [];
    const stopped = tune(log, {
      ...quick,
      signal: control.signal,
      onTrial: (trial) => void (told.push(trial) === 2 && control.abort()),
    });
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    expect(told).toEqual((await tune(log, quick)).trials.slice(0, 2));
  });

  it("judges by the metric asked for, at its length, cut as asked for", async () => {
    const split = { by: "user", shares: { train: 0.6, validation: 0.3, test: 0.1 } } as const;
    const options = { ...quick, trials: 1 };
    const values = await Promise.all(
      [{}, { metric: "recall" }, { k: 9 }, { split }, { seed: 2 }].map(
        async (change) => (await tune(log, { ...options, ...change } as TuneOptions)).base.value,
      ),
    );
    expect(new Set(values).size).toBe(values.length);
  });

  it("says so where the log is too small, or no trial can run", async () => {
    const tiny = interactionsFromPairs([["a", "x"]]);
    await expect(tune(tiny, quick)).rejects.toMatchObject({ code: "BAD_ROW" });
    const failure = { code: "TOO_LARGE", message: "It needs 9 GB." } as const;
    const finished = [
      { parameters: { factors: 40, ...UNSCALED }, denoise: null, value: null, runs: [], failure },
    ];
    await expect(tune(log, { ...quick, trials: 1, finished })).rejects.toMatchObject({
      code: "TOO_LARGE",
      message: "No trial could run. The first: It needs 9 GB.",
    });
    for (const bad of [{ trials: 0 }, { runs: 1.5 }]) {
      await expect(tune(log, { ...quick, ...bad })).rejects.toThrow(RangeError);
    }
  });
});

/** The log with other items in the test rows of this seed, where there is room between the user's own; cut as before. */
function withOtherTestRows(interactions: Interactions, seed: number, salt: number): Interactions {
  const { users, items, matrix } = interactions;
  const { test } = splitInteractions(interactions, { ...SHARES, seed });
  const draw = randomFor(salt, "other-rows");
  const indices = matrix.indices.slice();
  let changed = 0;
  for (let user = 0; user < matrix.rows; user++) {
    const [start, end] = [matrix.offsets[user]!, matrix.offsets[user + 1]!];
    for (let entry = start; entry < end; entry++) {
      if (findEntry(test.matrix, user, matrix.indices[entry]!) < 0) continue;
      const low = entry > start ? indices[entry - 1]! + 1 : 0;
      const high = entry + 1 < end ? indices[entry + 1]! : items.size;
      indices[entry] = low + draw.below(high - low);
      changed += Number(indices[entry] !== matrix.indices[entry]);
    }
  }
  const values = matrix.values.slice();
  for (let user = 0; user < matrix.rows; user++) {
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      if (findEntry(test.matrix, user, matrix.indices[entry]!) >= 0) values[entry] = 0.5 + draw.uniform();
    }
  }
  expect(changed).toBeGreaterThan(test.size / 4);
  return new Interactions(users, items, { ...matrix, indices, values });
}
