import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ColumnSums, Engine } from "../../kernels/kernels.ts";
import { loadKernels } from "../../kernels/load.ts";
import { openCrew } from "../../parallel/crew.ts";
import { randomFor } from "../../random.ts";
import type { FactorScores } from "../../scores.ts";
import { transportJob } from "../block-work.ts";
import type { CertifiedSums } from "./certificate.ts";
import { nearFarColumns } from "./near-far.ts";

interface Shape {
  users: number;
  items: number;
  rank: number;
  seed: number;
}

/** Normal directions; lengths fall with a power of the rank, as the activity of users and the popularity of items do. */
function zipfFactors({ users, items, rank, seed }: Shape, scale = 1, power = 0.8): FactorScores {
  const random = randomFor(seed, "near-far");
  const side = (count: number, scale: number) =>
    Float32Array.from(
      { length: count * rank },
      (_, at) => (scale * random.normal()) / (1 + Math.floor(at / rank)) ** power / Math.sqrt(rank),
    );
  const userFactors = side(users, 2 * scale);
  return { kind: "factors", users, items, rank, userFactors, itemFactors: side(items, 1) };
}

/** Near and far sums whether they pay or not. */
async function sumsOf(
  scores: FactorScores,
  gamma: number,
  tolerance = 1e-4,
  engine: Engine = "reference",
): Promise<CertifiedSums> {
  const job = { ...transportJob(engine, scores, gamma), scores };
  return (await nearFarColumns(openCrew(0), job, {}, { tolerance, always: true }))!;
}

/** log sum_i exp(score / gamma) of an item, and the largest |score| / gamma, in float64. */
function exact({ users, rank, userFactors, itemFactors }: FactorScores, gamma: number, item: number) {
  const x = Float64Array.from({ length: users }, (_, user) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += userFactors[user * rank + k]! * itemFactors[item * rank + k]!;
    return sum / gamma;
  });
  const peak = x.reduce((most, value) => Math.max(most, value), -Infinity);
  return {
    log: peak + Math.log(x.reduce((sum, value) => sum + Math.exp(value - peak), 0)),
    size: x.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}

function logOf({ sums, exponents }: ColumnSums, item: number): number {
  return Math.log(sums[item]!) + exponents[item]! * Math.LN2;
}

/** No item is further from the float64 sums than its certificate says, but for `rounding` (more where scores are large). */
function expectCertified(
  scores: FactorScores,
  gamma: number,
  { columns, certificate, errors }: CertifiedSums,
  tolerance: number,
  rounding = 1e-12,
): void {
  for (let item = 0; item < scores.items; item++) {
    const { log, size } = exact(scores, gamma, item);
    const error = Math.abs(logOf(columns, item) - log);
    const allowed = -Math.log1p(-errors[item]!) + rounding * (1 + size);
    if (!(error <= allowed)) throw new Error(`Item ${item} is off by ${error}, certified ${errors[item]}.`);
  }
  expect(certificate.error).toBe(Math.max(...errors));
  expect(certificate.error).toBeLessThanOrEqual(tolerance);
  expect(certificate.nearShare).toBeLessThanOrEqual(1);
}

const gammas = fc.constantFrom(0.01, 0.05, 0.1, 0.175, 1);
const tolerances = fc.constantFrom(1e-2, 1e-3, 1e-4, 1e-6);

describe("near and far sums", () => {
  it("are within every item's certificate, for factors of any shape", async () => {
    const shapes = fc.record({
      users: fc.integer({ min: 1, max: 300 }),
      items: fc.integer({ min: 1, max: 12 }),
      rank: fc.integer({ min: 1, max: 10 }),
      seed: fc.nat(),
    });
    let [far, all] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        shapes,
        gammas,
        tolerances,
        fc.constantFrom(1e-3, 0.1, 1, 30),
        async (shape, gamma, tolerance, scale) => {
          const scores = zipfFactors(shape, scale);
          const sums = await sumsOf(scores, gamma, tolerance);
          expectCertified(scores, gamma, sums, tolerance);
          all++;
          if (sums.certificate.nearShare < 1) far++;
        },
      ),
      { numRuns: 150 },
    );
    expect(far).toBeGreaterThan(all / 4);
  });

  it("leave most pairs to the far field where scores are small, and sum all where none is", async () => {
    const shape = { users: 2000, items: 30, rank: 6, seed: 1 };
    const small = zipfFactors(shape, 0.2);
    const sums = await sumsOf(small, 0.1);
    expect(sums.certificate.nearShare).toBeLessThan(0.3);
    expectCertified(small, 0.1, sums, 1e-4);
    const large = zipfFactors(shape, 100, 0);
    expect((await sumsOf(large, 0.1)).certificate).toEqual({ method: "near-far", error: 0, nearShare: 1 });
  });

  it("take a larger near share for a smaller tolerance", async () => {
    const scores = zipfFactors({ users: 2000, items: 30, rank: 6, seed: 1 }, 0.2);
    const shares = [];
    for (const tolerance of [1e-2, 1e-4, 1e-6]) {
      const sums = await sumsOf(scores, 0.1, tolerance);
      expectCertified(scores, 0.1, sums, tolerance);
      shares.push(sums.certificate.nearShare);
    }
    expect(shares).toEqual(shares.toSorted((left, right) => left - right));
    expect(shares[0]).toBeLessThan(shares[2]! / 2);
  });

  const base = zipfFactors({ users: 500, items: 20, rank: 8, seed: 2 }, 0.3);
  const column = (matrix: Float32Array, change: (value: number, k: number, row: number) => number) =>
    matrix.map((value, at) => change(value, at % 8, Math.floor(at / 8)));
  const adversaries: Record<string, FactorScores> = {
    "a hub item": {
      ...base,
      itemFactors: column(base.itemFactors, (v, _, row) => (row === 7 ? 1e4 * v : v)),
    },
    "a hub user": {
      ...base,
      userFactors: column(base.userFactors, (v, _, row) => (row === 99 ? 1e3 * v : v)),
    },
    "huge norms": { ...base, userFactors: base.userFactors.map((v) => 1e15 * v) },
    "norms at float32's end": {
      ...base,
      userFactors: base.userFactors.map((v) => 1e14 * v),
      itemFactors: base.itemFactors.map((v) => 1e14 * v),
    },
    "huge users, tiny items": {
      ...base,
      userFactors: base.userFactors.map((v) => 1e25 * v),
      itemFactors: base.itemFactors.map((v) => 1e-25 * v),
    },
    "tiny users, huge items": {
      ...base,
      userFactors: base.userFactors.map((v) => 1e-30 * v),
      itemFactors: base.itemFactors.map((v) => 1e30 * v),
    },
    "lengths that nearly tie": {
      ...base,
      userFactors: column(base.userFactors, (_, k, row) => ((row + k) % 2 ? 0.1 : -0.1 - 1e-6 * (row % 3))),
    },
    "lengths that rise by a little": {
      ...base,
      userFactors: column(base.userFactors, (_, k, row) => (k === 0 ? 1.0002 + 1.4e-5 * row : 0)),
      itemFactors: column(base.itemFactors, (_, k, row) => (k === 0 ? 1e-4 * (row + 1) : 0)),
    },
    "one user many times": {
      ...base,
      userFactors: column(base.userFactors, (_, k) => base.userFactors[k]! / 9),
    },
    "factors of rank 2": {
      ...base,
      userFactors: column(base.userFactors, (v, k) => (k < 2 ? v : 0)),
      itemFactors: column(base.itemFactors, (v, k) => (k < 2 ? v : 0)),
    },
    "users and items in different directions": {
      ...base,
      userFactors: column(base.userFactors, (v, k) => (k < 4 ? v : 1e-9 * v)),
      itemFactors: column(base.itemFactors, (v, k) => (k < 4 ? 1e-9 * v : v)),
    },
    "a direction that only users have, and long": {
      ...base,
      userFactors: column(base.userFactors, (v, k) => (k === 0 ? 1e6 : v)),
      itemFactors: column(base.itemFactors, (v, k) => (k === 0 ? 0 : v)),
    },
    "scores that differ by a constant": {
      ...base,
      userFactors: column(base.userFactors, (v, k) => (k === 0 ? 1 : v)),
      itemFactors: column(base.itemFactors, (v, k) => (k === 0 ? 0.4 : v)),
    },
    "scores all below 0": {
      ...base,
      userFactors: base.userFactors.map(Math.abs),
      itemFactors: base.itemFactors.map((v) => -Math.abs(v)),
    },
    "zero users": { ...base, userFactors: new Float32Array(base.userFactors.length) },
    "zero items": { ...base, itemFactors: new Float32Array(base.itemFactors.length) },
    "zeros among them": {
      ...base,
      userFactors: column(base.userFactors, (v, _, row) => (row % 3 ? v : 0)),
      itemFactors: column(base.itemFactors, (v, _, row) => (row % 2 ? v : 0)),
    },
    "one user": zipfFactors({ users: 1, items: 20, rank: 8, seed: 3 }, 0.01),
    "one item": zipfFactors({ users: 200, items: 1, rank: 8, seed: 3 }, 0.1),
    "fewer users than factors": zipfFactors({ users: 5, items: 20, rank: 8, seed: 3 }, 0.1),
    "fewer items than factors": zipfFactors({ users: 300, items: 3, rank: 8, seed: 3 }, 0.1),
  };
  it.each(Object.entries(adversaries))("are within the certificate for %s", async (_, scores) => {
    for (const gamma of [0.01, 0.1, 1]) {
      for (const tolerance of [1e-2, 1e-4]) {
        expectCertified(scores, gamma, await sumsOf(scores, gamma, tolerance), tolerance);
      }
    }
  });

  it("have no near users where all scores are 0", async () => {
    const { certificate, columns } = await sumsOf(adversaries["zero users"]!, 0.1);
    expect(certificate).toMatchObject({ nearShare: 0 });
    for (let item = 0; item < base.items; item++) expect(logOf(columns, item)).toBeCloseTo(Math.log(500), 10);
  });

  it.each(["simd128", loadKernels().engine] as const)("agree with summing in full on %s", async (engine) => {
    const scores = zipfFactors({ users: 3000, items: 100, rank: 20, seed: 4 }, 0.4);
    for (const gamma of [0.02, 0.1]) {
      const sums = await sumsOf(scores, gamma, 1e-4, engine);
      expect(sums.certificate.nearShare).toBeLessThan(0.8);
      expectCertified(scores, gamma, sums, 1e-4, 2e-6);
      const kernel = loadKernels(engine).transport(scores, gamma);
      kernel.addColumns(scores.userFactors);
      const full = kernel.takeColumns();
      for (let item = 0; item < scores.items; item++) {
        const difference = Math.abs(Math.expm1(logOf(sums.columns, item) - logOf(full, item)));
        expect(difference).toBeLessThanOrEqual(sums.errors[item]! + 1e-5);
      }
    }
  });

  it("are not tried where the moments alone cost too much, nor used where most pairs are near", async () => {
    const tried = async (scores: FactorScores) =>
      nearFarColumns(openCrew(0), { ...transportJob("simd128", scores, 0.1), scores }, {});
    expect(await tried(zipfFactors({ users: 100, items: 100, rank: 8, seed: 5 }, 0.01))).toBeUndefined();
    const large = { users: 2000, items: 2000, rank: 4, seed: 5 };
    expect(await tried(zipfFactors(large, 10, 0))).toBeUndefined();
    expect((await tried(zipfFactors(large, 0.01)))?.certificate.method).toBe("near-far");
  });

  it("stop when the run is aborted", async () => {
    const scores = zipfFactors({ users: 2000, items: 2000, rank: 4, seed: 5 }, 0.01);
    const job = { ...transportJob("simd128", scores, 0.1), scores };
    const aborted = nearFarColumns(openCrew(0), job, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
  });
});
