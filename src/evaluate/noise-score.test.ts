import { describe, expect, it } from "vitest";
import { corrupt } from "../interactions/corrupt.ts";
import { interactionsFromPairs } from "../interactions/interactions.ts";
import { synthesize } from "../interactions/synthesize.ts";
import { Svd } from "../models/svd.ts";
import { fillScores } from "../scores.ts";
import { rankDetection } from "./detection.ts";
import { scoreNoise, truthFlags } from "./noise-score.ts";

describe("scoreNoise", () => {
  it("scores the match, and popularity with as many flags", async () => {
    // Rows in order: u1 a, u1 b, u1 c, u2 a, u2 b, u3 a; popularity a 3, b 2, c 1.
    const interactions = interactionsFromPairs([
      ["u1", "a"],
      ["u1", "b"],
      ["u1", "c"],
      ["u2", "a"],
      ["u2", "b"],
      ["u3", "a"],
    ]);
    const score = await scoreNoise({
      interactions,
      match: Float32Array.of(0.5, 0.1, 0.4, 0.9, 0.2, 0.8),
      flags: Uint8Array.of(0, 1, 0, 0, 1, 0),
      truth: Uint8Array.of(0, 1, 0, 0, 0, 1),
    });
    // By match, noise is 1st and 5th of 6: of 8 pairs 4 + 1 in order; precision 1/1 and 2/5.
    const { controls, ...ours } = score;
    expect(ours).toEqual({
      hitRatio: 1 / 2,
      flaggedShare: 2 / 6,
      precision: 1 / 2,
      falseDiscoveryRate: 1 / 2,
      rocAuc: 5 / 8,
      averagePrecision: (1 + 2 / 5) / 2,
    });
    // By popularity: c, then b b (one noise), then a a a (one noise); flagged are c and the first b.
    expect(controls.popularity).toEqual({
      hitRatio: 1 / 2,
      flaggedShare: 2 / 6,
      precision: 1 / 2,
      falseDiscoveryRate: 1 / 2,
      rocAuc: (2 + 0.5 + 2 * 0.5) / 8,
      averagePrecision: (1 / 3 + 2 / 6) / 2,
    });
    expect(controls.rawScore.flaggedShare).toBe(2 / 6);
  });

  it("takes for raw scores those of a PureSVD of rank 10", async () => {
    const pairs: [string, string][] = [];
    const log = synthesize({ users: 80, items: 100, interactions: 1500, noise: 0, seed: 2 });
    for (const { firstUser, offsets, items } of log.blocks()) {
      for (let user = 0; user + 1 < offsets.length; user++) {
        for (const item of items.subarray(offsets[user], offsets[user + 1]))
          pairs.push([log.userId(firstUser + user), log.itemId(item)]);
      }
    }
    const { interactions, noise } = corrupt(interactionsFromPairs(pairs), {
      kind: "add",
      rate: 0.1,
      seed: 1,
    });
    const match = new Float32Array(interactions.size);
    const known = { interactions, match, flags: noise, truth: noise };
    const { controls } = await scoreNoise(known, { seed: 5 });
    const { scores } = await new Svd({ factors: 10, seed: 5 }).fit(interactions);
    const all = new Float32Array(scores.users * scores.items);
    fillScores(scores, 0, scores.users, all);
    const { offsets, indices } = interactions.matrix;
    const suspicion = Float32Array.from(indices, (item, entry) => {
      const user = offsets.findLastIndex((offset) => offset <= entry);
      return -all[user * scores.items + item]!;
    });
    const expected = rankDetection(suspicion, noise);
    expect(controls.rawScore.rocAuc).toBeCloseTo(expected.rocAuc!, 5);
    expect(controls.rawScore.averagePrecision).toBeCloseTo(expected.averagePrecision!, 5);
    expect(expected.rocAuc).toBeGreaterThan(0.6);
  });
});

describe("truthFlags", () => {
  const log = interactionsFromPairs([
    ["u1", "a"],
    ["u2", "b"],
    ["u2", "a"],
  ]);

  it("finds the pairs, in whatever order they are listed", () => {
    const truth = interactionsFromPairs([
      ["u2", "a"],
      ["u1", "a"],
    ]);
    expect(truthFlags(log, truth)).toEqual(Uint8Array.of(1, 1, 0));
  });

  it.each([
    ["u1", "b"],
    ["u3", "a"],
    ["u1", "c"],
  ])("names the pair %s, %s, which the log lacks", (user, item) => {
    expect(() => truthFlags(log, interactionsFromPairs([[user, item]]))).toThrow(
      expect.objectContaining({ code: "SHAPE_MISMATCH", details: { user, item } }),
    );
  });
});
