import { describe, expect, it } from "vitest";
import { holm } from "../evaluate/significance.ts";
import type { ArmTest, Verdict } from "../evaluate/verdict.ts";
import type { Found } from "./cell.ts";
import { corrected } from "./corrected.ts";
import { bestOn, everyBase, overControls } from "./findings-table-2.ts";
import { monotone } from "./findings-theory.ts";

const METRIC = "paper.ndcg@5";
const MODELS = ["svd", "nce-plrec", "cdae", "wrmf", "vae-cf"];

function armTest(arm: string, difference: number, tP: number): ArmTest {
  return { arm, against: "base", metric: METRIC, difference, low: 0, high: 0, tP, wilcoxonP: tP, n: 9 };
}

/** AMusic's cells: each base .1, with ProRec that and the gain. */
function amusic(gains: Record<string, number>, tP: number, verdict: Verdict["verdict"]): Found {
  const level = (mean: number) => ({ [METRIC]: { mean, low: null, high: null } });
  return ((name: string) => {
    const model = MODELS.find((each) => name === `recommenders/amusic-${each}`);
    if (model === undefined) return undefined;
    const gain = gains[model] ?? 0.01;
    return {
      ...{ log: "amusic", model, tests: [armTest("prorec", gain, tP)] },
      summary: { base: level(0.1), prorec: level(0.1 + gain) },
      verdicts: [{ metric: METRIC, verdict, matchedBy: [], goneIn: [] }],
    };
  }) as Found;
}

describe("what is said of Table II", () => {
  it("holds where every base gains for sure", () => {
    const found = amusic({ "nce-plrec": 0.02 }, 1e-6, "gain");
    expect(everyBase(found)?.verdict).toBe("holds");
    expect(overControls(found)?.verdict).toBe("holds");
    expect(bestOn(found, "amusic", "nce-plrec")).toMatchObject({
      measured: expect.stringContaining("+20.0% over the best base"),
      verdict: "holds",
    });
  });

  it("does not hold for a loss, a chance, or a gain that controls explain", () => {
    expect(everyBase(amusic({ svd: -0.01 }, 1e-6, "gain"))?.verdict).toBe("holds in 4 of 5");
    expect(everyBase(amusic({}, 0.02, "gain"))?.verdict).toBe("does not hold"); // .02 of one is .1 of five
    expect(overControls(amusic({}, 1e-6, "matched"))?.verdict).toBe("does not hold");
    expect(bestOn(amusic({ wrmf: 0.03 }, 1e-6, "gain"), "amusic", "nce-plrec")?.verdict).toBe(
      "does not hold",
    );
  });

  it("is open while a base is missing", () => {
    expect(everyBase(() => undefined)).toBeUndefined();
    expect(bestOn(amusic({}, 1, "gain"), "atoy", "nce-plrec")).toBeUndefined();
  });
});

it("counts the steps of Proposition 2 that went up", () => {
  const course = [
    { afterFit: 5, afterRelabel: 6, transportCost: -1 },
    { afterFit: 7, afterRelabel: 4, transportCost: -2 },
  ];
  const found = (() => ({ log: "amusic", courses: { svd: course } })) as unknown as Found;
  expect(monotone(found)).toMatchObject({
    // the same cell stands for both logs
    measured: expect.stringMatching(/rose in 2 of 4 relabellings .* in 2 of 2 fits .* cost in 0 of 2 rounds/),
    verdict: "does not hold",
  });
});

it("corrects p over all cells, each family by itself", () => {
  const cells = [
    { name: "a", tests: [armTest("prorec", 1, 0.01), armTest("shuffled", 1, 0.02)] },
    { name: "b", tests: [armTest("prorec", 1, 0.04)] },
  ];
  const ps = (tested: typeof cells) => tested.map(({ tests }) => tests.map(({ tP }) => tP));
  expect(ps(corrected(cells))).toEqual([[0.03, 0.04], [0.04]]);
  expect(holm([0.01, 0.02, 0.04])).toEqual([0.03, 0.04, 0.04]);
  expect(ps(corrected(cells, ({ arm }) => arm))).toEqual([[0.02, 0.02], [0.04]]);
});
