import { expect, it } from "vitest";
import { lossWeights } from "./losses.ts";

const weights = Float32Array.of(1, 2, 1, 0.5, 1);
const probabilities = Float64Array.of(0.9, 0.1, 0.5, 0.5, 0.05);
const options = { dropRate: 0.4, dropSchedule: 10, exponent: 0.5 };
const counted = (loss: "ce" | "t-ce" | "r-ce", steps: number, sumToOne = false) => [
  ...lossWeights({ ...options, loss }, weights, { probabilities, sumToOne }, steps),
];

it("the plain loss counts each interaction its weight", () => {
  expect(counted("ce", 5)).toEqual([...weights]);
});

it("T-CE leaves out the largest losses, more of them the longer it trains, up to its rate", () => {
  expect(counted("t-ce", 0)).toEqual([1, 2, 1, 0.5, 1]);
  expect(counted("t-ce", 4)).toEqual([1, 2, 1, 0.5, 1]); // .16 of five is none
  expect(counted("t-ce", 5)).toEqual([1, 2, 1, 0.5, 0]);
  expect(counted("t-ce", 10)).toEqual([1, 0, 1, 0.5, 0]);
  expect(counted("t-ce", 10_000)).toEqual([1, 0, 1, 0.5, 0]);
});

it("R-CE multiplies by the predicted probability to a power", () => {
  counted("r-ce", 3).forEach((each, entry) => {
    expect(each).toBeCloseTo(weights[entry]! * Math.sqrt(probabilities[entry]!), 12);
  });
});

it("R-CE keeps the mean weight where probabilities sum to 1 over the items, and their order", () => {
  const plain = counted("r-ce", 3);
  const scaled = counted("r-ce", 3, true);
  expect(scaled.reduce((sum, each) => sum + each)).toBeCloseTo(5.5, 12);
  scaled.forEach((each, entry) => {
    expect(each / plain[entry]!).toBeCloseTo(scaled[0]! / plain[0]!, 12);
  });
});

it("R-CE makes nothing of nothing where nothing weighs anything", () => {
  const none = lossWeights(
    { ...options, loss: "r-ce" },
    new Float32Array(5),
    { probabilities, sumToOne: true },
    1,
  );
  expect([...none]).toEqual([0, 0, 0, 0, 0]);
});
