import { countingOrder } from "../../linalg/sparse.ts";
import type { Crew } from "../../parallel/crew.ts";
import { inSharedMemory, sharedFloat64 } from "../../parallel/shared.ts";
import type { RunOptions } from "../../progress.ts";
import type { FactorScores } from "../../scores.ts";
import type { TransportJob } from "../block-work.ts";
import type { FarField } from "./far-field.ts";
import type { Gauge } from "./gauge.ts";
import { gaugeTask, lengthsTask, type SquaresJob, squaresTask } from "./near-far-work.ts";

export type FactorJob = TransportJob & { readonly scores: FactorScores };
export type Stage = RunOptions & { readonly stage: string };

/** Starts of far fields: how many at most, users between them at least, and how many numbers their moments may take. */
const STARTS = 64;
const LEAST_STEP = 64;
const NUMBERS = 2 ** 23;
/** Rows that make a block of work. */
const ROWS = 4096;
/** The 16 leading bits of Infinity. */
const LARGEST_BITS = 0x7f80;

/** Lengths of users and items in the balanced gauge; undefined if the factors are too large to be squared. */
export async function lengthsInGauge(crew: Crew, { id, scores, engine }: FactorJob, run: Stage) {
  const { users, items, rank, userFactors, itemFactors } = scores;
  const side = (rows: Float32Array, count: number) => ({
    ...{ engine, rows, width: rank, cuts: cutEvery(count, ROWS), lengths: sharedFloat64(count) },
  });
  const sides = { users: side(userFactors, users), items: side(itemFactors, items) };
  const gramOf = async (job: SquaresJob) => {
    const gram = new Float64Array(rank * rank);
    await crew.run(squaresTask, job, job.cuts.length - 1, run, ({ squares }) => addTo(gram, squares));
    return gram;
  };
  const grams = { userGram: await gramOf(sides.users), itemGram: await gramOf(sides.items), rank };
  if (![...grams.userGram, ...grams.itemGram].every(Number.isFinite)) return undefined;
  let gauge: Gauge | undefined;
  await crew.run(gaugeTask, grams, 1, run, (result) => {
    gauge = result;
  });
  for (const name of ["users", "items"] as const) {
    const job = { ...sides[name], id: `${id}/${name}`, gauge: inSharedMemory(gauge![name]) };
    await crew.run(lengthsTask, job, job.cuts.length - 1, run);
  }
  return { users: sides.users.lengths, items: sides.items.lengths };
}

/** The users' moments from every start on. */
export async function farFieldOf(
  crew: Crew,
  { scores, engine }: FactorJob,
  order: Uint32Array,
  lengths: Float64Array,
  run: Stage,
): Promise<FarField> {
  const { users, rank, userFactors: rows } = scores;
  const starts = startsOf(users, rank);
  const longest = sharedFloat64(starts.length);
  const sums = sharedFloat64(starts.length * rank);
  const squares = sharedFloat64(starts.length * rank * rank);
  const { cuts, startOf } = cutBetween(starts, users);
  const job = { engine, rows, width: rank, order, cuts };
  await crew.run(squaresTask, job, cuts.length - 1, run, (moments, block) => {
    addTo(sums.subarray(startOf[block]! * rank), moments.sum);
    addTo(squares.subarray(startOf[block]! * rank * rank), moments.squares);
  });
  for (let start = starts.length - 1; start >= 0; start--) {
    const end = starts[start + 1] ?? users;
    for (const user of order.subarray(starts[start], end)) {
      longest[start] = Math.max(longest[start]!, lengths[user]!);
    }
    if (end === users) continue;
    longest[start] = Math.max(longest[start]!, longest[start + 1]!);
    addTo(sums.subarray(start * rank), sums.subarray((start + 1) * rank, (start + 2) * rank));
    addTo(
      squares.subarray(start * rank ** 2),
      squares.subarray((start + 1) * rank ** 2, (start + 2) * rank ** 2),
    );
  }
  return { rank, users, starts, longest, sums, squares };
}

/** Positions by descending length, lengths equal in their leading 16 bits as they come. */
export function byLength(lengths: Float64Array): Uint32Array {
  const bits = new Uint32Array(Float32Array.from(lengths).buffer);
  return inSharedMemory(
    countingOrder(
      bits.map((each) => LARGEST_BITS - (each >>> 16)),
      LARGEST_BITS + 1,
    ),
  );
}

/** Starts of far fields: user 0, then ever further apart. */
function startsOf(users: number, rank: number): Uint32Array {
  const most = Math.max(1, Math.min(STARTS, Math.floor(NUMBERS / rank ** 2)));
  const growth = (users / LEAST_STEP) ** (1 / most);
  const starts = [0];
  for (let at = LEAST_STEP; at < users; at *= growth) {
    const start = Math.ceil(at);
    if (start >= starts.at(-1)! + LEAST_STEP && start < users) starts.push(start);
  }
  return sharedCuts(starts);
}

/** Cuts what lies between starts into blocks, and says behind which start each block is. */
function cutBetween(starts: Uint32Array, users: number): { cuts: Uint32Array; startOf: number[] } {
  const cuts = [0];
  const startOf: number[] = [];
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? users;
    for (let at = start; at < end; at += ROWS) {
      cuts.push(Math.min(at + ROWS, end));
      startOf.push(index);
    }
  }
  return { cuts: sharedCuts(cuts), startOf };
}

/** 0, step, 2 step .. count. */
export function cutEvery(count: number, step: number): Uint32Array {
  return sharedCuts(
    Array.from({ length: Math.ceil(count / step) + 1 }, (_, cut) => Math.min(cut * step, count)),
  );
}

export function sharedCuts(cuts: readonly number[]): Uint32Array {
  return inSharedMemory(Uint32Array.from(cuts));
}

function addTo(total: Float64Array, values: Float64Array): void {
  for (let index = 0; index < values.length; index++) total[index]! += values[index]!;
}
