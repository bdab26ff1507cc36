import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holm, meanInterval, pairedTest } from "./significance.ts";

const zeros = (length: number) => new Float64Array(length);

describe("pairedTest", () => {
  // Expected values: scipy 1.17.1, ttest_rel (with confidence_interval) and wilcoxon.
  it("gives SciPy's t test and interval", () => {
    const treatment = Float64Array.of(0.31, 0.52, 0.44, 0.6, 0.12, 0.75, 0.33, 0.9, 0.48, 0.27, 0.66, 0.58);
    const control = Float64Array.of(0.28, 0.55, 0.4, 0.5, 0.12, 0.7, 0.36, 0.81, 0.41, 0.2, 0.6, 0.59);
    const test = pairedTest(treatment, control);
    expect(test.n).toBe(12);
    expect(test.difference).toBeCloseTo(0.03666666666666667, 12);
    expect(test.tP).toBeCloseTo(0.016574623047769386, 10);
    expect(test.low).toBeCloseTo(0.008080379466781348, 10);
    expect(test.high).toBeCloseTo(0.06525295386655199, 10);
  });

  it("gives SciPy's exact signed-rank test for few pairs without ties", () => {
    const treatment = Float64Array.of(1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3);
    const control = Float64Array.of(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29);
    expect(pairedTest(treatment, control).wilcoxonP).toBeCloseTo(0.0390625, 12);
  });

  it("gives SciPy's normal approximation with ties and zeros", () => {
    const differences = Float64Array.from({ length: 80 }, (_, index) => (((index * 37) % 23) - 9) / 10);
    const test = pairedTest(differences, zeros(80));
    expect(test.wilcoxonP).toBeCloseTo(0.027063972472957155, 10);
    expect(test.tP).toBeCloseTo(0.0205853880179235, 10);
  });

  it("says p = 1 for arms that are equal everywhere", () => {
    const values = Float64Array.of(0.3, 0.1, 0.7);
    expect(pairedTest(values, values)).toEqual({ difference: 0, low: 0, high: 0, tP: 1, wilcoxonP: 1, n: 3 });
  });

  it("gives no p value for one user, and none of t where all differ by the same", () => {
    expect(pairedTest(Float64Array.of(0.5), Float64Array.of(0.2))).toMatchObject({
      low: null,
      high: null,
      tP: null,
      wilcoxonP: null,
      n: 1,
    });
    const shifted = pairedTest(Float64Array.of(0.3, 0.4, 0.6), Float64Array.of(0.2, 0.3, 0.5));
    expect(shifted.tP).toBeNull();
    expect(shifted.difference).toBeCloseTo(0.1, 12);
    expect(shifted.low).toBeCloseTo(0.1, 12);
  });

  it("never gives NaN, and p values and intervals in order", () => {
    const value = fc.oneof(
      fc.constantFrom(0, 0.5, 1, 5e-324, 1e-160),
      fc.double({ min: -1, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 70 }), (pairs) => {
        const test = pairedTest(
          Float64Array.from(pairs, ([treatment]) => treatment),
          Float64Array.from(pairs, ([, control]) => control),
        );
        for (const p of [test.tP, test.wilcoxonP]) {
          if (p === null) continue;
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
        }
        if (test.low === null || test.high === null) expect(pairs).toHaveLength(1);
        else {
          expect(test.low).toBeLessThanOrEqual(test.difference + 1e-12);
          expect(test.high).toBeGreaterThanOrEqual(test.difference - 1e-12);
        }
      }),
    );
  });

  it("does not care which arm comes first", () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 30 }), (pairs) => {
        const left = Float64Array.from(pairs, ([treatment]) => treatment);
        const right = Float64Array.from(pairs, ([, control]) => control);
        const [forth, back] = [pairedTest(left, right), pairedTest(right, left)];
        expect(back.difference).toBeCloseTo(-forth.difference, 12);
        expect(back.tP ?? -1).toBeCloseTo(forth.tP ?? -1, 9);
        expect(back.wilcoxonP ?? -1).toBeCloseTo(forth.wilcoxonP ?? -1, 9);
      }),
    );
  });

  it("refuses arrays that don't pair up and values that aren't finite", () => {
    expect(() => pairedTest(zeros(2), zeros(3))).toThrow(RangeError);
    expect(() => pairedTest(Float64Array.of(Number.NaN, 1), zeros(2))).toThrow(RangeError);
    expect(() => meanInterval(zeros(0))).toThrow(RangeError);
  });
});

describe("meanInterval", () => {
  it("is the t interval", () => {
    // Mean 3, standard error sqrt(2.5 / 5), t(.975, 4) = 2.776445105.
    const { mean, low, high } = meanInterval(Float64Array.of(1, 2, 3, 4, 5));
    expect(mean).toBe(3);
    expect(high! - mean).toBeCloseTo(2.776445105 * Math.SQRT1_2, 8);
    expect(mean - low!).toBeCloseTo(2.776445105 * Math.SQRT1_2, 8);
  });

  it("is open for one value and a point for equal ones", () => {
    expect(meanInterval(Float64Array.of(0.4))).toEqual({ mean: 0.4, low: null, high: null });
    expect(meanInterval(Float64Array.of(0.5, 0.5))).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
  });
});

describe("holm", () => {
  it("steps down", () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries()) {
      expect(corrected[index]).toBeCloseTo(expected, 12);
    }
  });

  it("leaves null out of the family, caps at 1 and keeps the order of the p values", () => {
    expect(holm([null, 0.5, null])).toEqual([null, 0.5, null]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (pValues) => {
        const corrected = holm(pValues);
        for (const [index, p] of pValues.entries()) {
          expect(corrected[index]).toBeGreaterThanOrEqual(p);
          expect(corrected[index]).toBeLessThanOrEqual(Math.min(1, p * pValues.length) + 1e-12);
          for (const [other, q] of pValues.entries()) {
            if (p < q) expect(corrected[index]).toBeLessThanOrEqual(corrected[other]!);
          }
        }
      }),
    );
  });
});
