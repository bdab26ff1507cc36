import { describe, expect, it } from "vitest";
import { median, partialRankCorrelation, rankCorrelation } from "./measure.ts";

describe("rank correlation", () => {
  it("is Spearman's, ties with their mean rank", () => {
    // scipy.stats.spearmanr([1, 2, 2, 4, 5], [2, 1, 4, 4, 5]).statistic
    expect(rankCorrelation([1, 2, 2, 4, 5], [2, 1, 4, 4, 5])).toBeCloseTo(0.763157894736842, 12);
  });

  it("is 1 for any growing relation and -1 for any falling one", () => {
    const x = [3, 1, 4, 1.5, 9];
    expect(rankCorrelation(x, x.map(Math.exp))).toBeCloseTo(1, 12);
    expect(
      rankCorrelation(
        x,
        x.map((value) => 1 / value),
      ),
    ).toBeCloseTo(-1, 12);
  });

  it("vanishes where a third explains it", () => {
    const third = Array.from({ length: 200 }, (_, index) => index);
    const left = third.map((value) => value + 30 * Math.sin(value * 12.9));
    const right = third.map((value) => value + 30 * Math.sin(value * 78.2));
    expect(rankCorrelation(left, right)).toBeGreaterThan(0.8);
    expect(Math.abs(partialRankCorrelation(left, right, third))).toBeLessThan(0.15);
  });
});

it("a median is the middle, or between the two", () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
