import { expect, it } from "vitest";
import { interactionsFromPairs } from "../interactions/interactions.ts";
import { Svd } from "../models/svd.ts";
import type { Progress } from "../progress.ts";
import { randomFor } from "../random.ts";
import { compare } from "./compare.ts";

/** Two groups of users with tastes of their own, every click of another weight. */
function weightedLog() {
  const random = randomFor(1, "compare-test");
  const pairs = Array.from({ length: 40 * 30 }, (_, cell): [string, string] => [
    `u${Math.floor(cell / 30)}`,
    `i${cell % 30}`,
  ]).filter(
    ([user, item]) =>
      random.uniform() < (Number(user.slice(1)) % 2 === Number(item.slice(1)) % 2 ? 0.5 : 0.1),
  );
  const log = interactionsFromPairs(pairs);
  return log.withWeights(Float32Array.from({ length: log.size }, () => 0.2 + random.uniform()));
}

const model = (seed: number) => new Svd({ factors: 3, seed });

it("keeps the log's own weights in every arm", async () => {
  const { tests, summary } = await compare(weightedLog(), { model, runs: 2 });
  const uniform = tests.filter(({ arm, against }) => arm === "uniform" && against === "base");
  expect(uniform.map(({ difference }) => difference)).toEqual(new Array(8).fill(0)); // a PureSVD's ranks don't change
  expect(Object.keys(summary)).toEqual([
    "base",
    "prorec",
    "shuffled",
    "uniform",
    "mean-1",
    "user-mean-1",
    "user-balance",
  ]);
});

it("reports its arms and stops when told to", async () => {
  const seen: Progress[] = [];
  await compare(weightedLog(), {
    model,
    runs: 1,
    controls: false,
    onProgress: (progress) => seen.push(progress),
  });
  expect(seen.map(({ done }) => done)).toEqual([0, 1, 2]);
  expect(seen.at(-1)).toEqual({ stage: "run 1 of 1", done: 2, total: 2 });
  const stop = new AbortController();
  const stopped = compare(weightedLog(), { model, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
});

it("refuses no runs, and a log that can't be cut", async () => {
  await expect(compare(weightedLog(), { model, runs: 0 })).rejects.toThrow(RangeError);
  const one = interactionsFromPairs([["u", "i"]]);
  await expect(compare(one, { model })).rejects.toMatchObject({ code: "BAD_ROW" });
});
