import { describe, expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { judged } from "./judgement.ts";

/** Values of users whose differences to 0 have this mean in standard errors. */
function valuesAt(t: number, users = 900): Float64Array {
  const random = randomFor(1, "judgement");
  const noise = Float64Array.from({ length: users }, () => random.normal());
  const mean = noise.reduce((sum, value) => sum + value, 0) / users;
  const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (users - 1);
  return noise.map((value) => value - mean + t * Math.sqrt(variance / users));
}

describe("judged", () => {
  it.each([
    [2.5, "no evidence"], // p = .0126
    [-2.5, "no evidence"],
    [2.65, "helps"], // p = .0082
    [-2.65, "hurts"],
  ] as const)("at t %d: %s", (t, verdict) => {
    const judgement = judged(valuesAt(t), new Float64Array(900));
    expect(judgement.t).toBeCloseTo(t, 9);
    expect(judgement.verdict).toBe(verdict);
  });

  it("asks more of few users: t 3 for 8 of them is p = .02", () => {
    expect(judged(valuesAt(3, 8), new Float64Array(8)).verdict).toBe("no evidence");
    expect(judged(valuesAt(3.6, 8), new Float64Array(8)).verdict).toBe("helps"); // p = .0087
  });

  it("has no evidence where nothing differs, or all by the same", () => {
    const same = new Float64Array(20).fill(0.5);
    expect(judged(same, same).verdict).toBe("no evidence");
    expect(
      judged(
        same.map((value) => value + 0.1),
        same,
      ).verdict,
    ).toBe("no evidence");
  });
});
