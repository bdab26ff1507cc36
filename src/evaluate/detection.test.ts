import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DetectionInput, rankDetection, scoreDetection } from "./detection.ts";

/** Rows with many ties and the odd infinity. */
const anyRows = fc.array(
  fc.record({
    suspicion: fc.oneof(
      fc.integer({ min: -2, max: 3 }),
      fc.constantFrom(-0, -Infinity, Infinity),
      fc.double({ noNaN: true }),
    ),
    flag: fc.constantFrom(0, 1),
    truth: fc.constantFrom(0, 0, 1),
  }),
  { maxLength: 60 },
);

function input(rows: { suspicion: number; flag: number; truth: number }[]): DetectionInput {
  return {
    suspicion: Float64Array.from(rows, (row) => row.suspicion),
    flags: Uint8Array.from(rows, (row) => row.flag),
    truth: Uint8Array.from(rows, (row) => row.truth),
  };
}

describe("scoreDetection", () => {
  it("ROC-AUC is the share of noise-clean pairs in the right order", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        let right = 0;
        let pairs = 0;
        for (const noise of rows.filter((row) => row.truth === 1)) {
          for (const clean of rows.filter((row) => row.truth === 0)) {
            pairs++;
            if (noise.suspicion > clean.suspicion) right++;
            else if (noise.suspicion === clean.suspicion) right += 0.5;
          }
        }
        const { rocAuc } = scoreDetection(input(rows));
        if (pairs === 0) expect(rocAuc).toBeNull();
        else expect(rocAuc).toBeCloseTo(right / pairs, 12);
      }),
    );
  });

  it("average precision is the area under the steps of precision over recall at every cut", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const noise = rows.filter((row) => row.truth === 1).length;
        const cuts = [...new Set(rows.map((row) => row.suspicion))].sort((a, b) => (a > b ? -1 : 1));
        let area = 0;
        let lastRecall = 0;
        for (const cut of cuts) {
          const above = rows.filter((row) => row.suspicion >= cut);
          const hits = above.filter((row) => row.truth === 1).length;
          area += (hits / noise - lastRecall) * (hits / above.length);
          lastRecall = hits / noise;
        }
        const { averagePrecision } = scoreDetection(input(rows));
        if (noise === 0) expect(averagePrecision).toBeNull();
        else expect(averagePrecision).toBeCloseTo(area, 12);
      }),
    );
  });

  it("counts flags against truth, null where there is nothing to count", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const count = (keep: (row: { flag: number; truth: number }) => boolean) => rows.filter(keep).length;
        const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
        const flagged = count((row) => row.flag === 1);
        const hits = count((row) => row.flag === 1 && row.truth === 1);
        const result = scoreDetection(input(rows));
        expect(result.hitRatio).toBe(
          share(
            hits,
            count((row) => row.truth === 1),
          ),
        );
        expect(result.flaggedShare).toBe(share(flagged, rows.length));
        expect(result.precision).toBe(share(hits, flagged));
        if (flagged === 0) expect(result.falseDiscoveryRate).toBeNull();
        else
          expect(result.falseDiscoveryRate).toBeCloseTo(
            count((r) => r.flag === 1 && r.truth === 0) / flagged,
            12,
          );
      }),
    );
  });

  it("does not depend on the order of the rows", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        expect(scoreDetection(input(rows.toReversed()))).toEqual(scoreDetection(input(rows)));
      }),
    );
  });

  it("gives a constant suspicion half the area and the prevalence", () => {
    const truth = Uint8Array.of(1, 0, 0, 0);
    expect(rankDetection(new Float32Array(4), truth)).toEqual({ rocAuc: 0.5, averagePrecision: 0.25 });
  });

  it("refuses NaN and lengths that do not fit", () => {
    const truth = Uint8Array.of(1, 0);
    expect(() => rankDetection(Float64Array.of(0, Number.NaN), truth)).toThrow(RangeError);
    expect(() => rankDetection(new Float64Array(3), truth)).toThrow(RangeError);
    expect(() => scoreDetection({ suspicion: new Float64Array(2), flags: new Uint8Array(3), truth })).toThrow(
      RangeError,
    );
  });
});
