import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { METRIC_NAMES, METRICS } from "./metrics.ts";

const golden = "../shared/golden/prorec.json";
const missing = !existsSync(golden);

interface GoldenMetric {
  hits: number[];
  nTrue: number;
  ndcg5: number;
  map5: number;
  recall5: number;
}

const anyRanking = fc
  .tuple(fc.array(fc.constantFrom(0, 1), { maxLength: 12 }), fc.nat(10), fc.integer({ min: 1, max: 12 }))
  .map(([hits, more, k]) => {
    const found = hits.filter((hit) => hit === 1).length;
    return { hits, testItems: Math.max(1, found + more), k };
  });

describe("metrics", () => {
  it.skipIf(missing)(`the paper's equal the golden vectors${missing ? " (no ../shared)" : ""}`, () => {
    const cases = JSON.parse(readFileSync(golden, "utf8")).metrics as GoldenMetric[];
    expect(cases.length).toBeGreaterThan(0);
    for (const { hits, nTrue, ndcg5, map5, recall5 } of cases) {
      expect(Math.abs(METRICS["paper.ndcg"].value(hits, nTrue, 5) - ndcg5)).toBeLessThan(1e-6);
      expect(Math.abs(METRICS["paper.map"].value(hits, nTrue, 5) - map5)).toBeLessThan(1e-6);
      expect(Math.abs(METRICS["paper.recall"].value(hits, nTrue, 5) - recall5)).toBeLessThan(1e-6);
    }
  });

  // Worked by hand: hits at ranks 1 and 3 of 5, four test items.
  it.each([
    ["ndcg", 1.5 / (1 + 1 / Math.log2(3) + 1 / 2 + 1 / Math.log2(5))],
    ["recall", 2 / 4],
    ["precision", 2 / 5],
    ["map", (1 + 2 / 3) / 4],
    ["hr", 1],
    ["paper.ndcg", 1.5 / (1 + 1 / Math.log2(3) + 1 / 2 + 1 / Math.log2(5))],
    ["paper.map", (1 + 1 / 2 + 2 / 3 + 2 / 4 + 2 / 5) / 5],
    ["paper.recall", 2 / 4],
  ] as const)("%s by hand", (name, expected) => {
    expect(METRICS[name].value([1, 0, 1, 0, 0], 4, 5)).toBeCloseTo(expected, 12);
  });

  it("the two NDCGs part where there are more test items than ranks", () => {
    expect(METRICS.ndcg.value([1, 1], 8, 2)).toBe(1);
    expect(METRICS["paper.ndcg"].value([1, 1], 8, 2)).toBeLessThan(0.5);
  });

  it.each(METRIC_NAMES)("%s lies in 0..1, is 0 without a hit, and a missing rank is a miss", (name) => {
    fc.assert(
      fc.property(anyRanking, ({ hits, testItems, k }) => {
        const value = METRICS[name].value(hits, testItems, k);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        expect(METRICS[name].value([...hits, ...new Array(k).fill(0)], testItems, k)).toBe(value);
        expect(METRICS[name].value([], testItems, k)).toBe(0);
      }),
    );
  });

  it.each(METRIC_NAMES)("%s never falls when a miss becomes a hit or a hit moves up", (name) => {
    fc.assert(
      fc.property(anyRanking, fc.nat(11), ({ hits, testItems, k }, rank) => {
        fc.pre(rank < hits.length);
        const better = hits.slice();
        if (hits[rank] === 0) better[rank] = 1;
        else if (rank > 0) [better[rank - 1], better[rank]] = [hits[rank]!, hits[rank - 1]!];
        const value = (list: number[]) => METRICS[name].value(list, testItems + 1, k);
        expect(value(better)).toBeGreaterThanOrEqual(value(hits) - 1e-12);
      }),
    );
  });

  it.each(["ndcg", "map", "recall", "precision", "hr", "paper.map"] as const)(
    "%s of a perfect list is 1",
    (name) => {
      expect(METRICS[name].value([1, 1, 1, 1, 1], 5, 5)).toBeCloseTo(1, 12);
    },
  );
});
