import { describe, expect, it } from "vitest";
import type { Comparison } from "../evaluate/compare.ts";
import { type ArmTest, verdicts } from "../evaluate/verdict.ts";
import { comparisonText } from "./comparison.ts";

const METRICS = ["ndcg@5", "recall@5", "map@5", "paper.ndcg@5"];

/** A comparison in which every metric has the same tests: [arm, against, difference, p]. */
function comparison(tests: readonly (readonly [string, string, number, number | null])[]): Comparison {
  const arms = ["base", ...new Set(tests.map(([arm]) => arm))];
  const mean = { mean: 0.1, low: 0.09, high: 0.11 };
  const byMetric = <T>(value: T) => Object.fromEntries(METRICS.map((metric) => [metric, value]));
  const all = METRICS.flatMap((metric) =>
    tests.map(
      ([arm, against, difference, tP]): ArmTest => ({
        ...{ arm, against, metric, difference, tP, wilcoxonP: tP },
        ...{ low: difference - 0.001, high: difference + 0.001, n: 2 },
      }),
    ),
  );
  return {
    runs: [1, 2].map((seed) => ({
      seed,
      arms: Object.fromEntries(arms.map((arm) => [arm, byMetric(0.1)])),
    })),
    summary: Object.fromEntries(arms.map((arm) => [arm, byMetric(mean)])),
    tests: all,
    verdicts: verdicts(all),
    perUser: { users: ["a", "b"], values: {} },
  };
}

const controlled = (prorec: number, p: number, ...others: [string, string, number, number][]) =>
  comparison([
    ["prorec", "base", prorec, p],
    ["shuffled", "base", 0, 1],
    ["user-mean-1", "base", 0.002, 0.001],
    ["user-balance", "base", 0, 1],
    ["prorec", "shuffled", 0.002, 0.001],
    ["prorec", "user-balance", 0.002, 0.001],
    ...others,
  ]);

describe("the sentence on denoising", () => {
  it.each([
    [
      "prorec: ndcg@5 +1.8% over base (p = .0003), and no control explains it: a gain by denoising.",
      controlled(0.0018, 0.0003),
    ],
    [
      "prorec: ndcg@5 +1.8% over base (p = .0003), but no control was run: this need not be denoising.",
      comparison([["prorec", "base", 0.0018, 0.0003]]),
    ],
    [
      "prorec: ndcg@5 +1.8% over base (p = .0003), but matched by shuffled, user-balance: this is no denoising gain.",
      comparison([
        ["prorec", "base", 0.0018, 0.0003],
        ["shuffled", "base", 0.0018, 0.0003],
        ["prorec", "shuffled", 0, 0.9],
        ["prorec", "user-balance", -0.01, 0.001],
      ]),
    ],
    [
      "prorec: ndcg@5 +1.8% over base (p <.0001), but matched by shuffled and gone in user-mean-1: this is no denoising gain.",
      comparison([
        ["prorec", "base", 0.0018, 1e-9],
        ["prorec", "shuffled", 0, 0.9],
        ["user-mean-1", "base", -0.001, 0.2],
      ]),
    ],
    ["prorec: ndcg@5 +0.2% over base (p = .4100): no evidence of a gain.", controlled(0.0002, 0.41)],
    [
      "prorec: ndcg@5 -6.8% against base (p <.0001): it hurts here.",
      comparison([["prorec", "base", -0.0068, 1e-27]]),
    ],
    [
      "prorec: ndcg@5 -6.8% against base (p <.0001): it hurts here, but not in user-mean-1.",
      controlled(-0.0068, 1e-27),
    ],
  ])("%s", (sentence, result) => {
    expect(comparisonText(result, 5).split("\n")).toContain(sentence);
  });
});

it("says apart from that what re-weighting users does, if it does anything", () => {
  const text = (difference: number, p: number) =>
    comparisonText(
      comparison([
        ["prorec", "base", 0, 1],
        ["user-balance", "base", difference, p],
      ]),
      5,
    );
  expect(text(0.0096, 0.001)).toContain(
    "user-balance: ndcg@5 +9.6% over base (p = .0010): re-weighting users helps here, and takes no denoising.",
  );
  expect(text(-0.0096, 0.001)).toContain("re-weighting users hurts here.");
  expect(text(0.0096, 0.06)).not.toContain("re-weighting users h");
});

it("shows means with intervals, the tests that show a gain, and every definition", () => {
  const text = comparisonText(controlled(0.0018, 0.0003, ["prorec", "user-mean-1", 0.5, 0.5]), 5);
  expect(text).toContain("| base         | .1000 ±.0100 | .1000 ±.0100 |");
  expect(text).toContain("ndcg@5, paired by user (2 users, values averaged over the runs):");
  expect(text).toMatch(/\| prorec - base +\| +\.0018 \| +\.0008 to \.0028 \| +\.0003 \| +\.0003 \|/);
  expect(text).toContain("prorec - shuffled");
  expect(text).not.toContain("prorec - user-mean-1");
  expect(text).toContain("\npaper.ndcg@5: As the paper has it:");
  expect(text).toContain("\nshuffled: each user's weights,");
});

it("shows the base alone where nothing was compared with it", () => {
  const text = comparisonText(comparison([]), 5);
  expect(text).toContain("| base |");
  expect(text).not.toContain("paired");
});
