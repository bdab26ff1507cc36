import { expect, it } from "vitest";
import type { BlockTask } from "../dist/parallel/block-task.js";
import { openCrew } from "../dist/parallel/crew.js";
import { die, fail, hang, square } from "./fixtures/crew-tasks.mjs";

const tasks = { square, fail, die, hang };
type Name = keyof typeof tasks;

function task(name: Name): BlockTask<unknown, number> {
  const module = new URL("./fixtures/crew-tasks.mjs", import.meta.url).href;
  return { module, name, work: tasks[name] as BlockTask<unknown, number>["work"] };
}

async function run(threads: number, name: Name, options: { signal?: AbortSignal } = {}) {
  const crew = openCrew(threads);
  const results: number[] = [];
  try {
    await crew.run(task(name), { offset: 1 }, 20, { ...options, stage: name }, (result) =>
      results.push(result),
    );
  } finally {
    await crew.close();
  }
  return results;
}

it.each([0, 1, 2, 3, 7])(
  "hands results on in block order, whoever worked on them: %i threads",
  async (threads) => {
    expect(await run(threads, "square")).toEqual(Array.from({ length: 20 }, (_, block) => 1 + block * block));
  },
);

it.each([0, 2])("passes on what a block throws: %i threads", async (threads) => {
  await expect(run(threads, "fail")).rejects.toThrow("block 5 is bad");
});

it("fails, and does not hang, when a thread dies", async () => {
  await expect(run(2, "die")).rejects.toThrow();
});

it("stops in the middle of a block", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  await expect(run(2, "hang", { signal: stop.signal })).rejects.toMatchObject({ code: "ABORTED" });
});
