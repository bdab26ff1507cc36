import { describe, expect, it } from "vitest";
import { corrupt } from "../../interactions/corrupt.ts";
import { Interactions, interactionsFromPairs } from "../../interactions/interactions.ts";
import { sparseFromPairs } from "../../linalg/sparse.ts";
import { randomFor, shuffle } from "../../random.ts";
import { calibrate } from "./calibrated.ts";
import { OBSERVED, POPULAR, UNIFORM, withDecoys } from "./decoys.ts";
import { flaggedClicks } from "./reasons.ts";

/** Users of four tastes who click only within theirs. */
function tastes(): Interactions {
  const random = randomFor(1, "tastes");
  const pairs: [string, string][] = [];
  for (let user = 0; user < 200; user++) {
    for (let item = 0; item < 30; item++)
      if (random.uniform() < 0.4) pairs.push([`u${user}`, `${user % 4}-${item}`]);
  }
  return interactionsFromPairs(pairs);
}

const clean = tastes();
const { interactions: noisy, noise: truth } = corrupt(clean, { kind: "add", rate: 0.15, seed: 1 });

describe("withDecoys", () => {
  it("keeps the log's clicks in order and adds 7% of either kind", () => {
    const { interactions, kinds } = withDecoys(clean, 1);
    const { matrix } = interactions;
    expect(matrix.indices.filter((_, entry) => kinds[entry] === OBSERVED)).toEqual(clean.matrix.indices);
    for (const kind of [UNIFORM, POPULAR]) {
      expect(kinds.filter((own) => own === kind).length / clean.size).toBeCloseTo(0.07, 2);
    }
  });
});

describe("calibrate", () => {
  it("leaves a clean log as it is", async () => {
    const result = await calibrate(clean);
    expect(result.accidents.rate.estimate).toBeLessThan(0.03);
    expect(result.found).toBe(false);
    expect(result.flaggedCount).toBe(0);
    expect(result.interactions.matrix.values).toEqual(clean.matrix.values);
  });

  it("finds accidental clicks, their rate and few others", async () => {
    const result = await calibrate(noisy);
    const { rate } = result.accidents;
    expect(rate.estimate).toBeGreaterThan(0.08);
    expect(rate.estimate).toBeLessThan(0.18); // truth: .13
    expect(rate.low).toBeLessThan(rate.estimate);
    const hits = truth.filter((flag, entry) => flag === 1 && result.noise[entry] === 1).length;
    expect(hits / result.flaggedCount).toBeGreaterThan(0.7);
    expect(hits / truth.reduce((sum, flag) => sum + flag, 0)).toBeGreaterThan(0.5);
    const { weights, matching, noise } = result;
    expect(weights.reduce((sum, weight) => sum + weight, 0) / weights.length).toBeCloseTo(1, 4);
    matching.match.forEach((match, entry) => {
      expect(match < matching.threshold[0]!).toBe(noise[entry] === 1);
    });
    const [worst] = flaggedClicks(result);
    expect(worst!.evidence.reason).toMatch(/^Accidental with probability/);
    const unapplied = result.unapplied();
    expect(unapplied.flaggedCount).toBe(0);
    expect(unapplied.weights.every((weight) => weight === 1)).toBe(true);
  });

  it("has the same result for the same pairs in any order, and for weights of any size", async () => {
    const { users, items, matrix } = noisy;
    const order = shuffle(
      Uint32Array.from(matrix.indices, (_, entry) => entry),
      randomFor(2, "order"),
    );
    const rowOf = new Uint32Array(noisy.size);
    for (let user = 0; user < users.size; user++) {
      rowOf.fill(user, matrix.offsets[user], matrix.offsets[user + 1]);
    }
    const again = new Interactions(
      users,
      items,
      sparseFromPairs(
        users.size,
        items.size,
        order.map((entry) => rowOf[entry]!),
        order.map((entry) => matrix.indices[entry]!),
        new Float32Array(noisy.size).fill(3),
      ),
    );
    const first = await calibrate(noisy);
    const second = await calibrate(again);
    expect(second.accidents.probability).toEqual(first.accidents.probability);
    expect(second.noise).toEqual(first.noise);
  });

  it("refuses what it can't judge", async () => {
    const few = interactionsFromPairs([["u", "i"]]);
    await expect(calibrate(few)).rejects.toMatchObject({
      code: "BAD_ROW",
      hint: expect.stringContaining("prorec denoise --mode paper"),
    });
    await expect(calibrate(clean, { fdr: 1 })).rejects.toThrow(RangeError);
    const stop = AbortSignal.abort();
    await expect(calibrate(clean, { signal: stop })).rejects.toMatchObject({ code: "ABORTED" });
  });
});
