import { expect, it } from "vitest";
import { decimals, markdownTable, percent, plural, pValue, relativeGain } from "./table.ts";

it("aligns text to the left and figures to the right", () => {
  expect(
    markdownTable(
      ["arm", "n"],
      [
        ["base", "12"],
        ["a", "1234"],
      ],
    ),
  ).toBe("| arm  |    n |\n| ---- | ---: |\n| base |   12 |\n| a    | 1234 |\n");
  expect(markdownTable(["a", "b"], [])).toBe("| a   |   b |\n| --- | --: |\n");
});

it("counts in words", () => {
  expect([0, 1, 1200].map((value) => plural(value, "row"))).toEqual(["0 rows", "1 row", "1,200 rows"]);
});

it("writes figures short", () => {
  expect([0.05234, -0.05234, 1, 12.5, 0, null].map((value) => decimals(value))).toEqual([
    ".0523",
    "-.0523",
    "1.0000",
    "12.5000",
    ".0000",
    "-",
  ]);
  expect([0.8421, 0, null].map(percent)).toEqual(["84.2%", "0.0%", "-"]);
  expect([relativeGain(0.002, 0.1), relativeGain(-0.002, 0.1), relativeGain(0.1, 0)]).toEqual([
    "+2.0%",
    "-2.0%",
    "-",
  ]);
  expect([0.034, 0.00004, 0, 1, null].map(pValue)).toEqual([".0340", "<.0001", "<.0001", "1.0000", "-"]);
});
