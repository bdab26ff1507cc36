import { expect, it } from "vitest";
import { openTally } from "./tally.ts";

/** A clock of seconds that the test moves. */
function clocked() {
  let seconds = 0;
  const tally = openTally(() => 1000 * seconds);
  return { tally, pass: (more: number) => (seconds += more) };
}

it("has nothing to say of a step before the first", () => {
  expect(openTally().news()).toEqual({ blocks: { computed: 0, there: 0, waiting: 0 }, stages: [] });
});

it("adds up steps of one stage, what was there and what is computed", () => {
  const { tally, pass } = clocked();
  const first = tally.begin("gram", 3);
  first.add("there");
  pass(4);
  first.add("computed");
  expect(tally.news()).toEqual({
    at: { stage: "gram", done: 2, total: 3 },
    blocks: { computed: 1, there: 1, waiting: 1 },
    stages: [{ stage: "gram", done: 2, total: 3 }],
    pace: { blocksPerSecond: 1 / 4, secondsLeft: 4 },
  });
  first.add("computed");
  first.end();
  tally.begin("rows", 5);
  const again = tally.begin("gram", 2);
  again.add("computed");
  expect(tally.news()).toMatchObject({
    at: { stage: "gram", done: 1, total: 2 },
    blocks: { computed: 3, there: 1, waiting: 1 },
    stages: [
      { stage: "gram", done: 4, total: 5 },
      { stage: "rows", done: 0, total: 5 },
    ],
  });
});

it("tells a rate of the last half minute, and no time left before a block was computed", () => {
  const { tally, pass } = clocked();
  const step = tally.begin("rows", 100);
  step.add("there");
  pass(10);
  expect(tally.news().pace).toEqual({ blocksPerSecond: 0, secondsLeft: null });
  for (let beat = 0; beat < 40; beat++) {
    pass(2);
    step.add("computed");
    tally.news();
  }
  const { pace, blocks } = tally.news();
  expect(pace!.blocksPerSecond).toBeCloseTo(0.5, 12);
  expect(blocks.waiting).toBe(59);
  expect(pace!.secondsLeft).toBeCloseTo((59 * 90) / 40, 9);
});

it("takes a block back that has to be computed again", () => {
  const { tally } = clocked();
  const step = tally.begin("rows", 2);
  step.add("there");
  step.add("there");
  step.takeBack();
  expect(tally.news()).toMatchObject({
    at: { stage: "rows", done: 1, total: 2 },
    blocks: { computed: 0, there: 2, waiting: 1 },
  });
  step.add("computed");
  step.end();
  expect(tally.news()).toMatchObject({ blocks: { computed: 1, there: 2, waiting: 0 } });
});
