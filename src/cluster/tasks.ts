import * as leastSquares from "../linalg/least-squares-work.ts";
import * as sparse from "../linalg/sparse-work.ts";
import type { BlockTask, Strips } from "../parallel/block-task.ts";
import * as transport from "../transport/block-work.ts";
import * as nearFar from "../transport/columns/near-far-work.ts";
import * as sweeps from "../transport/sweeps.ts";
import type { Numbers } from "./values.ts";

/** A task whose blocks say what they write, so that others than the caller's process can do them. */
export type ShippedTask = BlockTask<unknown, unknown> & Required<Pick<BlockTask<unknown, unknown>, "writes">>;

/** All that a worker does, by name: nothing that a queue says can make it run anything else. */
const tasks = new Map(
  [leastSquares, nearFar, sparse, sweeps, transport].flatMap((module) =>
    Object.values<unknown>(module)
      .filter(isShipped)
      .map((task) => [task.name, task]),
  ),
);

function isShipped(value: unknown): value is ShippedTask {
  return typeof value === "object" && value !== null && "work" in value && "writes" in value;
}

export function taskNamed(name: string): ShippedTask | undefined {
  return tasks.get(name);
}

/** The numbers of some strips, one strip behind the other. */
export function taken({ array, starts, length }: Strips): Numbers {
  if (starts.length === 1) return array.slice(starts[0], starts[0]! + length);
  const numbers = new (array.constructor as new (length: number) => Numbers)(starts.length * length);
  for (let at = 0; at < starts.length; at++) {
    for (let k = 0; k < length; k++) numbers[at * length + k] = array[starts[at]! + k]!;
  }
  return numbers;
}

/** Puts them back. */
export function putInPlace({ array, starts, length }: Strips, numbers: Numbers): void {
  if (starts.length === 1) array.set(numbers, starts[0]);
  else {
    for (let at = 0; at < starts.length; at++) {
      for (let k = 0; k < length; k++) array[starts[at]! + k] = numbers[at * length + k]!;
    }
  }
}
