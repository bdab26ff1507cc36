import { ProRecError } from "../errors.ts";
import { rowFiller } from "../kernels/fill-rows.ts";
import { loadKernels } from "../kernels/load.ts";
import { inSharedMemory } from "../parallel/shared.ts";
import { breathe, type RunOptions } from "../progress.ts";
import type { CostMatrix, Scores } from "../scores.ts";

/** What a unit of mass from a user to an item costs: a matrix, or scores whose negatives are the costs. */
export type TransportCost = CostMatrix | Scores;

export interface Shape {
  readonly users: number;
  readonly items: number;
}

/** Costs that are looked at between two breaths. */
const NUMBERS = 2 ** 20;

export function shapeOf(cost: TransportCost): Shape {
  return "cost" in cost
    ? { users: cost.rows, items: cost.columns }
    : { users: cost.users, items: cost.items };
}

/** Calls `work` with the costs of some users at a time (row-major), in order. */
export async function eachBlock(
  cost: TransportCost,
  { signal }: RunOptions,
  work: (costs: Float32Array | Float64Array, start: number, end: number) => void,
): Promise<void> {
  const { users, items } = shapeOf(cost);
  const step = Math.max(1, Math.floor(NUMBERS / items));
  const read = costReader(cost);
  for (let start = 0; start < users; start += step) {
    if (start > 0) await breathe(signal);
    const end = Math.min(start + step, users);
    work(read(start, end), start, end);
  }
}

/** Reads costs of users start..end-1, valid until the next call. */
export function costReader(cost: TransportCost): (start: number, end: number) => Float32Array | Float64Array {
  if ("cost" in cost) return (start, end) => cost.cost.subarray(start * cost.columns, end * cost.columns);
  const fill = rowFiller(cost);
  let held = new Float32Array(0);
  return (start, end) => {
    const count = (end - start) * cost.items;
    if (held.length < count) held = new Float32Array(count);
    const block = held.subarray(0, count);
    fill(start, end, block);
    for (let at = 0; at < count; at++) block[at] = -block[at]!;
    return block;
  };
}

/** The least and the largest cost. @throws ProRecError SHAPE_MISMATCH for one that is not a finite number. */
export async function costRange(
  cost: TransportCost,
  options: RunOptions,
): Promise<{ low: number; high: number }> {
  const { items } = shapeOf(cost);
  const { range } = loadKernels();
  const found = { low: Infinity, high: -Infinity };
  await eachBlock(cost, options, (costs, start) => {
    const here = range(costs);
    if (here !== undefined) {
      found.low = Math.min(found.low, here.low);
      found.high = Math.max(found.high, here.high);
      return;
    }
    const at = costs.findIndex((value) => !Number.isFinite(value));
    const pair = { user: start + Math.floor(at / items), item: at % items };
    throw new ProRecError(
      "SHAPE_MISMATCH",
      `The cost of user ${pair.user} and item ${pair.item} is ${costs[at]}.`,
      {
        details: pair,
        hint: "Every cost has to be a finite number: a large one forbids a pair.",
      },
    );
  });
  return found;
}

/** Users whose costs stand for all where only temperatures are chosen by the range. */
const SAMPLE = 1024;

/** The same of so many users' costs, where there are factors: all of those are finite. */
export async function roughRange(cost: TransportCost, options: RunOptions) {
  if ("cost" in cost || cost.kind === "rows" || cost.users <= SAMPLE) return costRange(cost, options);
  const { range } = loadKernels();
  const { users, rank, userFactors, itemFactors } = cost;
  if (range(userFactors) === undefined || range(itemFactors) === undefined) return costRange(cost, options);
  const sampled = new Float32Array(SAMPLE * rank);
  for (let place = 0; place < SAMPLE; place++) {
    const user = Math.floor((place * users) / SAMPLE);
    sampled.set(userFactors.subarray(user * rank, (user + 1) * rank), place * rank);
  }
  return costRange({ ...cost, users: SAMPLE, userFactors: sampled }, options);
}

/** The same costs where worker threads see them without a copy. */
export function shared<Cost extends TransportCost>(cost: Cost): Cost {
  if ("cost" in cost || cost.kind === "rows") return cost;
  const { userFactors, itemFactors } = cost;
  return { ...cost, userFactors: inSharedMemory(userFactors), itemFactors: inSharedMemory(itemFactors) };
}
