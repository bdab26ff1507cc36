import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InteractionsBuilder } from "../interactions/interactions.ts";
import { synthesizeInSteps } from "../interactions/synthesize.ts";
import { sparseFromPairs } from "../linalg/sparse.ts";
import { atOnce, breathing, STEP, type Steps } from "../progress.ts";
import type { Matching } from "../transport/match.ts";
import { flaggedOf } from "./evidence.ts";
import type { DenoiseOutcome } from "./outcome.ts";
import { noiseFlags, relabelled, relativeChange, relevanceOf, weightsOf } from "./relabel.ts";

const USERS = 1000;
const SIZE = 2.5 * STEP;
const rowOf = Uint32Array.from({ length: SIZE }, (_, pair) => pair % USERS);
const columnOf = Uint32Array.from({ length: SIZE }, (_, pair) => Math.floor(pair / USERS));
const matrix = sparseFromPairs(USERS, columnOf.at(-1)! + 1, rowOf, columnOf);
const match = Float32Array.from(matrix.indices, (item, entry) => ((item * 7 + entry * 31) % 1009) / 1009);
const matching = { match, threshold: new Float32Array(USERS).fill(0.9) } as unknown as Matching;
const noise = Uint8Array.from(match, (rho) => (rho < Math.fround(0.9) ? 1 : 0));
const outcome = { input: { matrix }, matching, noise } as unknown as DenoiseOutcome;

function built(): Steps<unknown> {
  const builder = new InteractionsBuilder();
  for (let user = 0; user < USERS; user++) builder.users.add(`u${user}`);
  for (let item = 0; item < matrix.columns; item++) builder.items.add(`i${item}`);
  for (let pair = 0; pair < SIZE; pair++) builder.addAt(rowOf[pair]!, columnOf[pair]!);
  return builder.build();
}

describe("Work on all interactions", () => {
  it.each<[string, number, () => Steps<unknown>]>([
    ["building a matrix", 5, built],
    ["relevance", 1, () => relevanceOf(matching, matrix.offsets, 20)],
    ["relabelling", 1, () => relabelled(match, match, 0.5)],
    ["noise flags", 1, () => noiseFlags(matching, matrix.offsets)],
    ["the weights", 1, () => weightsOf(match, match)],
    ["how much changed", 1, () => relativeChange(match, match, match)],
    ["ordering the flagged", 13, () => flaggedOf(outcome)],
    [
      "planning a log",
      1,
      () => synthesizeInSteps({ users: 1e5, items: 1e4, interactions: SIZE, noise: 0.1, seed: 1 }),
    ],
  ])("stops for a timer in the middle of %s", async (_, passes, work) => {
    let steps = 0;
    for (const _ of work()) steps++;
    expect(steps).toBeGreaterThanOrEqual(passes * Math.floor(SIZE / STEP));

    const stop = new AbortController();
    const steady = work();
    setTimeout(() => stop.abort(), 0);
    await expect(breathing(steady, stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
    expect(steady.next().done).toBe(false);
  });
});

describe("flaggedOf", () => {
  it("orders by margin, then as they stand", () => {
    const margins = fc.array(
      fc.oneof(fc.float({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0.5, 1e-30)),
    );
    fc.assert(
      fc.property(margins, (drawn) => {
        const own = Float32Array.from(drawn);
        const offsets = Uint32Array.of(0, own.length, own.length);
        const flagged = flaggedOf({
          input: { matrix: { offsets } },
          matching: { match: own, threshold: Float32Array.of(0.75, 0) },
          noise: Uint8Array.from(own, (rho) => (rho < 0.75 ? 1 : 0)),
        } as unknown as DenoiseOutcome);
        const { entries, order } = atOnce(flagged);
        const expected = [...own.keys()].filter((entry) => own[entry]! < 0.75);
        expected.sort((left, right) => own[left]! - own[right]! || left - right);
        expect(Array.from(order, (position) => entries[position])).toEqual(expected);
      }),
    );
  });
});
