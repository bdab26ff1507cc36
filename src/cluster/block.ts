import type { BlockInput, BlockTask } from "../parallel/block-task.ts";
import { putInPlace, taken, taskNamed } from "./tasks.ts";
import { type Numbers, pack, seal } from "./values.ts";

/** A job of a task, as a worker's thread is given it. */
export interface ShippedJob {
  readonly task: string;
  readonly job: unknown;
  /** Where the result goes in the store. */
  readonly key: string;
}

/** What a block gives: its result, and the numbers of its strips. */
export interface BlockResult {
  readonly result?: unknown;
  readonly written: readonly Numbers[];
}

export const shippedTask: BlockTask<ShippedJob, Uint8Array> = {
  module: import.meta.url,
  name: "workOnBlock",
  work: workOnBlock,
};

/**
 * The sealed result of a block. The job's arrays are left as they were, so that the block can be done again: most tasks
 * add to what they find.
 */
export function workOnBlock({ job: { task: name, job, key }, block }: BlockInput<ShippedJob>): Uint8Array {
  const task = taskNamed(name);
  if (task === undefined) throw new TypeError(`There is no task ${name} for blocks.`);
  const strips = task.writes({ job, block });
  const before = strips.map(taken);
  try {
    const result = task.work({ job, block });
    return seal(key, pack({ result, written: strips.map(taken) } satisfies BlockResult));
  } finally {
    for (const [index, strip] of strips.entries()) putInPlace(strip, before[index]!);
  }
}
