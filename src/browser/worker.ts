import * as inverse from "../linalg/inverse.ts";
import * as leastSquares from "../linalg/least-squares-work.ts";
import * as sparse from "../linalg/sparse-work.ts";
import type { Answer } from "../parallel/pool.browser.ts";
import * as transport from "../transport/block-work.ts";
import * as nearFar from "../transport/columns/near-far-work.ts";
import * as sweeps from "../transport/sweeps.ts";

/** Every block function by its name: a bundle has no modules for the name to be looked up in. */
const functions = new Map(
  [inverse, leastSquares, nearFar, sparse, sweeps, transport].flatMap((module) =>
    Object.values<unknown>(module)
      .filter(isTask)
      .map(({ name, work }) => [name, work]),
  ),
);

function isTask(value: unknown): value is { name: string; work: (input: unknown) => unknown } {
  return typeof value === "object" && value !== null && "work" in value;
}

self.onmessage = ({ data }: MessageEvent<{ name: string; input: unknown }>) => {
  self.postMessage(answer(data));
};

function answer({ name, input }: { name: string; input: unknown }): Answer {
  try {
    const work = functions.get(name);
    if (work === undefined) throw new TypeError(`src/browser/worker.ts doesn't know ${name}.`);
    return { result: work(input) };
  } catch (error) {
    return { error: error as Error };
  }
}
