import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomFor } from "../../random.ts";
import { densityRatio } from "./density-ratio.ts";
import { flagsAt } from "./flags.ts";
import { isotonic } from "./isotonic.ts";
import { fitLogistic } from "./logistic.ts";
import { noiseShare } from "./noise-share.ts";
import { gaussianised, percentilesOf } from "./percentiles.ts";

const weighted = fc.array(
  fc.record({
    target: fc.double({ min: -10, max: 10, noNaN: true }),
    weight: fc.double({ min: 0.1, max: 5, noNaN: true }),
  }),
  { minLength: 1, maxLength: 30 },
);

describe("isotonic", () => {
  it("is the max-min of weighted means (Robertson, Wright & Dykstra 1988, theorem 1.4.4)", () => {
    fc.assert(
      fc.property(weighted, (rows) => {
        const fitted = isotonic(
          Float64Array.from(rows, ({ target }) => target),
          Float64Array.from(rows, ({ weight }) => weight),
        );
        rows.forEach((_, index) => {
          let most = -Infinity;
          for (let start = 0; start <= index; start++) {
            let least = Infinity;
            for (let end = index; end < rows.length; end++) {
              const part = rows.slice(start, end + 1);
              const mass = part.reduce((sum, { weight }) => sum + weight, 0);
              least = Math.min(
                least,
                part.reduce((sum, { target, weight }) => sum + target * weight, 0) / mass,
              );
            }
            most = Math.max(most, least);
          }
          expect(fitted[index]).toBeCloseTo(most, 9);
        });
      }),
    );
  });
});

describe("percentiles", () => {
  it("are mid-ranks over n", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 }), (values) => {
        const percentiles = percentilesOf(Float32Array.from(values));
        values.forEach((value, index) => {
          const below = values.filter((other) => other < value).length;
          const equal = values.filter((other) => other === value).length;
          expect(percentiles[index]).toBeCloseTo((below + equal / 2) / values.length, 6);
        });
      }),
    );
  });

  it("become normal quantiles", () => {
    const values = Float32Array.from({ length: 1000 }, (_, index) => index);
    const normal = gaussianised(values);
    expect(normal[974]).toBeCloseTo(1.9557, 2); // quantile of .9745
    expect(normal[25]).toBeCloseTo(-1.9511, 2); // of .0255
    expect(normal[499]! + normal[500]!).toBeCloseTo(0, 3);
  });
});

describe("fitLogistic", () => {
  it("stands where no step makes the loss smaller, and the penalty spares the constant", () => {
    const random = randomFor(1, "logistic");
    const width = 4;
    const count = 300;
    const features = Float64Array.from({ length: count * width }, (_, index) =>
      index % width === 0 ? 1 : random.normal(),
    );
    const labels = Uint8Array.from({ length: count }, (_, row) =>
      random.uniform() < 1 / (1 + Math.exp(1 - 2 * features[row * width + 1]!)) ? 1 : 0,
    );
    const weights = Float64Array.from({ length: count }, () => 0.2 + random.uniform());
    const ridge = 10;
    const loss = (coefficients: Float64Array) => {
      let sum = 0;
      for (let row = 0; row < count; row++) {
        let logit = 0;
        for (let k = 0; k < width; k++) logit += features[row * width + k]! * coefficients[k]!;
        const chance = 1 / (1 + Math.exp(-logit));
        sum -= weights[row]! * Math.log(labels[row] === 1 ? chance : 1 - chance);
      }
      for (let k = 1; k < width; k++) sum += (ridge / 2) * coefficients[k]! ** 2;
      return sum;
    };
    const fitted = fitLogistic({ features, width, labels, weights }, ridge);
    for (let k = 0; k < width; k++) {
      const at = (step: number) => loss(fitted.map((value, index) => value + (index === k ? step : 0)));
      expect((at(1e-4) - at(-1e-4)) / 2e-4).toBeCloseTo(0, 2);
      expect(at(0.01)).toBeGreaterThan(at(0));
      expect(at(-0.01)).toBeGreaterThan(at(0));
    }
  });
});

/** A mixture: observed suspicions are normal, a share of them shifted; decoys are all shifted. */
function mixture(shareOf: (clicks: number) => number, seed: number) {
  const random = randomFor(seed, "mixture");
  const rows: { suspicion: number; decoy: number; clicks: number; accidental: boolean }[] = [];
  for (let row = 0; row < 30_000; row++) {
    const clicks = 5 * 2 ** random.below(6);
    const accidental = random.uniform() < shareOf(clicks);
    rows.push({ suspicion: random.normal() + (accidental ? 3 : 0), decoy: 0, clicks, accidental });
  }
  for (let row = 0; row < 4000; row++) {
    const clicks = 5 * 2 ** random.below(6);
    rows.push({ suspicion: random.normal() + 3, decoy: 1, clicks, accidental: true });
  }
  return {
    accidental: rows.map((row) => row.accidental),
    scored: {
      suspicion: Float32Array.from(rows, (row) => row.suspicion),
      decoys: Uint8Array.from(rows, (row) => row.decoy),
      weights: new Float32Array(rows.length).fill(1),
      userClicks: Float32Array.from(rows, (row) => row.clicks),
    },
  };
}

describe("a known mixture", () => {
  it.each([0.02, 0.1, 0.3])("has its share of accidents estimated: %f", (share) => {
    const estimated = noiseShare([mixture(() => share, 1).scored, mixture(() => share, 2).scored]);
    for (const clicks of [5, 40, 160]) {
      expect(estimated(clicks) / share).toBeGreaterThan(0.6);
      expect(estimated(clicks) / share).toBeLessThan(1.4);
    }
  });

  it("has a share that falls with the users' clicks estimated as that", () => {
    const shareOf = (clicks: number) => 2 / clicks;
    const estimated = noiseShare([mixture(shareOf, 3).scored]);
    for (const clicks of [5, 10, 40, 160])
      expect(Math.log(estimated(clicks) / shareOf(clicks))).toBeLessThan(0.4);
    expect(Math.log(estimated(5) / estimated(160))).toBeGreaterThan(2.5); // the truth is log 32 = 3.5
  });

  it("has the density ratio that the two densities give", () => {
    const { scored } = mixture(() => 0, 4);
    const ratio = densityRatio(scored);
    scored.suspicion.forEach((value, row) => {
      if (Math.abs(value - 1.5) < 0.02) {
        expect(ratio[row]).toBeGreaterThan(0.6); // exp(3 x - 4.5) = 1 at x = 1.5
        expect(ratio[row]).toBeLessThan(1.6);
      }
    });
  });

  it("doesn't depend on the order of its rows", () => {
    const { scored } = mixture(() => 0.1, 5);
    const order = Uint32Array.from(scored.suspicion, (_, row) => (row * 7919) % scored.suspicion.length);
    expect(new Set(order).size).toBe(order.length);
    const moved = {
      suspicion: Float32Array.from(order, (row) => scored.suspicion[row]!),
      decoys: Uint8Array.from(order, (row) => scored.decoys[row]!),
      weights: scored.weights,
      userClicks: Float32Array.from(order, (row) => scored.userClicks[row]!),
    };
    const ratio = densityRatio(scored);
    expect(densityRatio(moved)).toEqual(Float32Array.from(order, (row) => ratio[row]!));
    expect(noiseShare([moved])(20)).toBeCloseTo(noiseShare([scored])(20), 12);
  });
});

describe("flagsAt", () => {
  it("is the largest threshold set whose expected false share fits", () => {
    const probability = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(probability, fc.double({ min: 0.05, max: 0.6, noNaN: true }), (twentieths, fdr) => {
        const values = Float32Array.from(twentieths, (value) => value / 20);
        const sizes = [...new Set(values)]
          .filter((threshold) => threshold > 0)
          .map((threshold) => values.filter((value) => value >= threshold))
          .filter((set) => set.reduce((sum, value) => sum + 1 - value, 0) <= fdr * set.length)
          .map(({ length }) => length);
        const flagged = flagsAt(values, fdr).reduce((sum, flag) => sum + flag, 0);
        expect(flagged).toBe(Math.max(0, ...sizes));
      }),
    );
  });
});
