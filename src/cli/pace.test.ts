import { expect, it } from "vitest";
import { duration, pace } from "./pace.ts";

it.each([
  [0, "0 s"],
  [0.2, "1 s"],
  [59.4, "1 min 0 s"],
  [125, "2 min 5 s"],
  [3599.5, "1 h 0 min"],
  [7384, "2 h 3 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it("gives the rate and the time that the rest takes at it, once there is something to go by", () => {
  expect(pace(0, 10, 5000)).toBe("");
  expect(pace(5, 10, 499)).toBe("");
  expect(pace(1_500_000, 3_000_000, 1000)).toBe("1.5M/s, 1 s left");
  expect(pace(1, 31, 10_000)).toBe("0.1/s, 5 min 0 s left");
});
