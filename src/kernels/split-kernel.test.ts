import { describe, expect, it } from "vitest";
import { type Random, randomFor } from "../random.ts";
import { loadKernels } from "./load.ts";
import { referenceSplit } from "./reference.ts";

const auto = loadKernels();
const engines = auto.engine === "simd128" ? [auto] : [loadKernels("simd128"), auto];

const ULP = 2 ** -23;
const LEAST = 2 ** -149;

/** Kinds of rows that a split has to get right, value by value. */
const kinds: Record<string, (random: Random, size: number) => (at: number) => number> = {
  "heavy tail": (random) => () => Math.exp(3 * random.normal()),
  "light tail": (random) => () => Math.exp(0.3 * random.normal()) * 1e-9,
  uniform: (random) => () => random.uniform(),
  "low outliers": (random) => () => 1 - random.uniform() ** 8,
  ties: (random) => {
    const levels = 2 + random.below(8);
    return () => (1 + random.below(levels)) / 16;
  },
  "two levels": (random) => {
    const share = random.uniform();
    return () => (random.uniform() < share ? 0.25 : 0.75);
  },
  "near-constant": (random) => () => 1 + random.below(3) * ULP,
  "narrow band": (random) => () => 1 + random.below(3000) * ULP,
  "equal rows": (random) => {
    const value = random.uniform();
    return () => value;
  },
  subnormals: (random) => () => random.below(50) * LEAST,
  "one dominant value": (random, size) => {
    const place = random.below(size);
    return (at) => (at === place ? 1 : 1e-7 * random.uniform());
  },
  "mostly zeros": (random) => () => (random.uniform() < 0.9 ? 0 : random.uniform()),
  "zeros below a band": (random) => () => (random.uniform() < 0.1 ? 0 : 1 + random.uniform() * 1e-3),
  "the whole range": (random) => () => 2 ** (240 * random.uniform() - 140),
};

function rowOf(kind: string, random: Random, size: number): Float32Array {
  const value = kinds[kind]!(random, size);
  return Float32Array.from({ length: size }, (_, at) => value(at));
}

describe.each(engines)("split on $engine", ({ splitRow }) => {
  it.each(Object.keys(kinds))("agrees with sorting on rows of up to 8000 values: %s", (kind) => {
    const random = randomFor(2, kind);
    for (let round = 0; round < 800; round++) {
      const row = rowOf(kind, random, 1 + random.below(round < 760 ? 700 : 8000));
      expect(splitRow(row)).toEqual(referenceSplit(row));
    }
  });

  it("splits a row of one, of zeros, of negative zeros", () => {
    expect(splitRow(Float32Array.of(0.5))).toEqual({ kappa: 1, threshold: 0.5 });
    expect(splitRow(new Float32Array(1000))).toEqual({ kappa: 1, threshold: 0 });
    expect(splitRow(Float32Array.of(-0, 1, -0))).toEqual({ kappa: 1, threshold: 1 });
  });

  it("refuses what is no row of a plan", () => {
    expect(() => splitRow(new Float32Array(0))).toThrow(RangeError);
    expect(() => splitRow(Float32Array.of(1, Number.NaN))).toThrow("NaN");
    expect(() => splitRow(Float32Array.of(1, -1))).toThrow("-1");
    expect(() => splitRow(Float32Array.of(1, Infinity))).toThrow("Infinity");
  });
});
