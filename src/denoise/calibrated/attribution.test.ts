import { describe, expect, it } from "vitest";
import { type Random, randomFor } from "../../random.ts";
import { type Attribution, attribute, type Judged, probabilities } from "./attribution.ts";
import { OBSERVED, POPULAR, UNIFORM } from "./decoys.ts";

const OBSERVED_ROWS = 3000;
const DECOYS = 400;
/** Where rows lie: accidents of both kinds are far from choices on the first axis, popular ones also on the second. */
const CENTRES: Readonly<Record<number, readonly [number, number]>> = {
  [OBSERVED]: [0, 0],
  [UNIFORM]: [-2.5, 0],
  [POPULAR]: [-2.5, 2],
};

/** A log whose observed clicks are accidental in part: the last `share` of them, all of one kind. */
function judgedLog(kind: number, share: number, seed: number): Judged {
  const random = randomFor(seed, "attribution-test");
  const kinds = new Uint8Array(OBSERVED_ROWS + 2 * DECOYS);
  kinds.fill(UNIFORM, OBSERVED_ROWS, OBSERVED_ROWS + DECOYS).fill(POPULAR, OBSERVED_ROWS + DECOYS);
  const places = [...kinds].map((own, row) => {
    const isAccident = own === OBSERVED && row >= (1 - share) * OBSERVED_ROWS;
    return CENTRES[isAccident ? kind : own]!;
  });
  return {
    kinds,
    features: [0, 1].map((axis) => Float32Array.from(places, (place) => place[axis]! + normal(random))),
    userClicks: Float32Array.from(kinds, () => 5 + random.below(50)),
    groups: Uint8Array.from(kinds, () => random.below(5)),
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

function firstKind(judged: readonly Judged[], { first }: Attribution): number {
  return judged[0]!.kinds[first[0]!.decoys.indexOf(1)]!;
}

describe("attribute", () => {
  it.each([
    // The accidents' mean probability by Bayes' rule from the densities themselves (Monte Carlo, 400,000 draws).
    ["uniform", UNIFORM, 0.715],
    ["by popularity", POPULAR, 0.847],
  ])("puts first what the accidents are: %s; rate and probabilities follow", async (_, kind, bayes) => {
    const share = 0.2;
    const judged = [judgedLog(kind, share, 1), judgedLog(kind, share, 2)];
    const attribution = await attribute(judged, 1, undefined);
    expect(firstKind(judged, attribution)).toBe(kind);
    const found = probabilities(judged, attribution)[0]!.subarray(0, OBSERVED_ROWS);
    const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
    const accidents = found.subarray((1 - share) * OBSERVED_ROWS);
    expect(sum(found) / OBSERVED_ROWS).toBeGreaterThan(0.75 * share);
    expect(sum(found) / OBSERVED_ROWS).toBeLessThan(1.25 * share);
    expect(sum(accidents) / accidents.length).toBeGreaterThan(0.75 * bayes);
  });

  it("leaves uniform ones first where nothing is accidental", async () => {
    const judged = [judgedLog(POPULAR, 0, 1), judgedLog(POPULAR, 0, 2)];
    expect(firstKind(judged, await attribute(judged, 1, undefined))).toBe(UNIFORM);
  });
});
