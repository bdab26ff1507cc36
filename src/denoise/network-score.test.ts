import { describe, expect, it } from "vitest";
import { interactionsFromPairs } from "../interactions/interactions.ts";
import { type FactorScores, fillScores } from "../scores.ts";
import { crossEntropies } from "./cross-entropy.ts";
import { matchedScores } from "./network-score.ts";

const interactions = interactionsFromPairs([
  ["a", "x"],
  ["a", "y"],
  ["b", "z"],
  ["c", "x"],
]);
const { matrix } = interactions;
const logits: FactorScores = {
  kind: "factors",
  users: 3,
  items: 3,
  rank: 2,
  userFactors: Float32Array.of(1, -2, 0.5, 3, 2, -1),
  itemFactors: Float32Array.of(2, 0.25, -1, 1, 0.5, -0.75),
};
const rowsOf = (scores: Parameters<typeof fillScores>[0]) => {
  const rows = new Float32Array(9);
  fillScores(scores, 0, 3, rows);
  return [0, 3, 6].map((start) => [...rows.subarray(start, start + 3)]);
};

describe("a network's scores", () => {
  it("are matched as probabilities or as logits", () => {
    const raw = rowsOf(logits);
    const sigmoid = rowsOf(matchedScores({ ...logits, activation: "sigmoid" }, "probability"));
    raw.flat().forEach((z, index) => expect(sigmoid.flat()[index]).toBeCloseTo(1 / (1 + Math.exp(-z)), 6));
    for (const row of rowsOf(matchedScores({ ...logits, activation: "softmax" }, "probability"))) {
      expect(row.reduce((sum, value) => sum + value)).toBeCloseTo(1, 6);
    }
    expect(matchedScores({ ...logits, activation: "softmax" }, "logit").kind).toBe("factors");
    expect(matchedScores(logits, "probability")).toBe(logits);
  });

  it("have the cross-entropy of the probabilities they give", async () => {
    const weights = Float32Array.of(1, 0.5, 0.25, 1);
    for (const activation of ["sigmoid", "softmax"] as const) {
      const probabilities = rowsOf({ ...matchedScores({ ...logits, activation }, "probability") });
      let expected = 0;
      for (let user = 0; user < 3; user++) {
        for (let item = 0; item < 3; item++) {
          let x = 0;
          for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
            if (matrix.indices[entry] === item) x = weights[entry]!;
          }
          const g = Math.max(probabilities[user]![item]!, 1e-40);
          if (x > 0) expected -= x * Math.log(g);
          if (activation === "sigmoid" && x < 1) expected -= (1 - x) * Math.log(Math.max(1 - g, 1e-40));
        }
      }
      const [loss] = await crossEntropies(matrix, { ...logits, activation }, [weights]);
      expect(loss! / expected).toBeCloseTo(1, 4);
    }
  });
});
