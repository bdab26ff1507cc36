import { expect, it } from "vitest";
import type { ArmTest } from "./verdict.ts";
import { verdicts } from "./verdict.ts";

/** A test of an arm; `p` alone decides whether it counts. */
function test(
  arm: string,
  against: string,
  difference: number,
  p: number | null,
  metric = "ndcg@5",
): ArmTest {
  return { arm, against, metric, difference, low: null, high: null, tP: p, wilcoxonP: null, n: 100 };
}

/** A clear gain that stands up to every control. */
const gain = [
  test("prorec", "base", 0.02, 0.001),
  test("shuffled", "base", 0.001, 0.6),
  test("mean-1", "base", 0.02, 0.001),
  test("user-mean-1", "base", 0.02, 0.001),
  test("prorec", "shuffled", 0.02, 0.001),
  test("prorec", "user-balance", 0.03, 0.001),
  test("prorec", "mean-1", 0, 1),
  test("prorec", "user-mean-1", 0, 0.9),
];

/** The tests with one of them changed. */
const but = (changed: ArmTest) =>
  gain.map((each) => (each.arm === changed.arm && each.against === changed.against ? changed : each));

it("is a gain if it beats the base and the placebos and is still there without the side effects", () => {
  expect(verdicts(gain)).toEqual([{ metric: "ndcg@5", verdict: "gain", matchedBy: [], goneIn: [] }]);
});

it.each([
  ["a placebo does as well", test("prorec", "shuffled", 0.002, 0.3), ["shuffled"], []],
  ["a placebo does better", test("prorec", "user-balance", -0.05, 0.001), ["user-balance"], []],
  ["a placebo can't be told apart", test("prorec", "shuffled", 0.002, null), ["shuffled"], []],
  ["it is gone at user mean 1", test("user-mean-1", "base", 0.004, 0.2), [], ["user-mean-1"]],
  ["it turns at mean 1", test("mean-1", "base", -0.02, 0.001), [], ["mean-1"]],
])("is matched if %s", (_, changed, matchedBy, goneIn) => {
  expect(verdicts(but(changed))).toEqual([{ metric: "ndcg@5", verdict: "matched", matchedBy, goneIn }]);
});

it.each([
  ["no evidence", 0.02, 0.05],
  ["no evidence", 0.02, null],
  ["no evidence", 0, 1],
  ["no evidence", -0.02, 0.2],
] as const)("is %s at %d with p %d, whatever the controls say", (verdict, difference, p) => {
  const tests = but(test("prorec", "base", difference, p));
  expect(verdicts(tests)).toEqual([{ metric: "ndcg@5", verdict, matchedBy: [], goneIn: [] }]);
});

it("is a loss if it is worse than the base, and says where the loss is gone", () => {
  const tests = [
    test("prorec", "base", -0.02, 0.001),
    test("mean-1", "base", 0.001, 0.9),
    test("user-mean-1", "base", -0.01, 0.01),
    test("prorec", "shuffled", -0.01, 0.01),
  ];
  expect(verdicts(tests)).toEqual([{ metric: "ndcg@5", verdict: "loss", matchedBy: [], goneIn: ["mean-1"] }]);
});

it("judges each metric by its own tests, and nothing where nothing was denoised", () => {
  const other = but(test("prorec", "shuffled", 0, 1)).map((each) => ({ ...each, metric: "hr@5" }));
  expect(verdicts([...gain, ...other]).map(({ metric, verdict }) => [metric, verdict])).toEqual([
    ["ndcg@5", "gain"],
    ["hr@5", "matched"],
  ]);
  expect(verdicts([])).toEqual([]);
});
