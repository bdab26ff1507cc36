import { emptyColumnSums, mergeColumnSums } from "../../kernels/column-sums.ts";
import type { ColumnSums } from "../../kernels/kernels.ts";
import { countingOrder } from "../../linalg/sparse.ts";
import type { Crew } from "../../parallel/crew.ts";
import { inSharedMemory, sharedFloat32, sharedFloat64, sharedUint32 } from "../../parallel/shared.ts";
import type { RunOptions } from "../../progress.ts";
import { transportJob } from "../block-work.ts";
import type { CertifiedSums } from "./certificate.ts";
import type { FarField } from "./far-field.ts";
import { byLength, cutEvery, type FactorJob, farFieldOf, lengthsInGauge, sharedCuts } from "./moments.ts";
import { type FarJob, farBlock, farTask, nearTask, releaseFarField } from "./near-far-work.ts";

/** Share of its sum that an item's error may be: about what float32 leaves uncertain anyway, and no flag changes for it. */
export const TOLERANCE = 1e-5;
/** It pays while the work is at most this share of the full sums. */
const WORTH = 0.3;
/** What the moments cost, measured: so many x rank pairs an item for the users' part, and a user for the items'. */
const USER_MOMENTS = 8;
const ITEM_MOMENTS = 17;
/** Items that are tried first. */
const PILOT = 200;
/** Items that make a block of work. */
const ITEMS = 512;
/** Users times items of a block of near sums, its users at most, and what their number is a multiple of. */
const NEAR_PAIRS = 2 ** 26;
const NEAR_USERS = 2 ** 16;
const TILE = 512;

/**
 * Column sums where most scores are near 0: users of short factors are summed as a whole, by their number and first
 * two moments, with a bound of the error (src/transport/columns/far-field.ts); only the others one by one.
 * Undefined where that wouldn't pay, unless `always` is set.
 */
export async function nearFarColumns(
  crew: Crew,
  job: FactorJob,
  options: RunOptions,
  { tolerance = TOLERANCE, always = false } = {},
): Promise<CertifiedSums | undefined> {
  const { scores, engine, gamma } = job;
  const { users, items, rank } = scores;
  const moments = (USER_MOMENTS * rank) / items + (ITEM_MOMENTS * rank) / users;
  if (moments > WORTH && !always) return undefined;
  const silent = { signal: options.signal, stage: "far" };
  try {
    const lengths = await lengthsInGauge(crew, job, silent);
    if (lengths === undefined) return undefined;
    const order = byLength(lengths.users);
    const field = await farFieldOf(crew, job, order, lengths.users, {
      ...options,
      stage: "moments",
    });
    const far: FarJob = {
      id: String(job.id),
      engine,
      gamma,
      field,
      tolerance,
      itemFactors: scores.itemFactors,
      itemLengths: lengths.items,
      order: byLength(lengths.items),
      cuts: cutEvery(items, ITEMS),
      starts: sharedUint32(items),
      estimates: sharedFloat64(items),
      errors: sharedFloat64(items),
    };
    if (pilotShare(far) + moments > WORTH && !always) return undefined;
    await crew.run(farTask, far, far.cuts.length - 1, silent);
    const columns = await nearSums(crew, job, order, far, options);
    return certified(columns, far);
  } finally {
    releaseFarField();
  }
}

/** What the users before each item's far field add to it. */
async function nearSums(
  crew: Crew,
  { scores, engine, gamma }: FactorJob,
  userOrder: Uint32Array,
  far: FarJob,
  options: RunOptions,
): Promise<ColumnSums> {
  const { items, rank, itemFactors } = scores;
  const last = far.field.starts.length;
  const deepestFirst = countingOrder(
    far.starts.map((start) => last - start),
    last + 1,
  );
  const total = emptyColumnSums(items);
  const { cuts, counts } = nearBlocks(far);
  const near = counts[0] ?? 0;
  if (near === 0) return total;

  const factors = sharedFloat32(near * rank);
  for (const [place, item] of deepestFirst.subarray(0, near).entries()) {
    factors.set(itemFactors.subarray(item * rank, (item + 1) * rank), place * rank);
  }
  const job = {
    ...transportJob(engine, { ...scores, items: near, itemFactors: factors }, gamma),
    order: userOrder,
    cuts: sharedCuts(cuts),
    counts: sharedCuts(counts),
  };
  const sums = emptyColumnSums(near);
  await crew.run(nearTask, job, counts.length, { ...options, stage: "columns" }, (block) =>
    mergeColumnSums(sums, block),
  );
  for (const [place, item] of deepestFirst.subarray(0, near).entries()) {
    total.sums[item] = sums.sums[place]!;
    total.exponents[item] = sums.exponents[place]!;
  }
  return total;
}

/** Cuts the users into blocks of about the same work. A block adds to `counts` items: those whose far field starts behind it. */
function nearBlocks({ starts, field }: FarJob): { cuts: number[]; counts: number[] } {
  const ending = new Uint32Array(field.starts.length + 1);
  for (const start of starts) ending[start]!++;
  const cuts = [0];
  const counts: number[] = [];
  let count = starts.length;
  for (const [index, start] of field.starts.entries()) {
    count -= ending[index]!;
    if (count === 0) break;
    const end = field.starts[index + 1] ?? field.users;
    const step = Math.min(Math.ceil(NEAR_PAIRS / count / TILE) * TILE, NEAR_USERS);
    for (let at = start; at < end; at += step) {
      cuts.push(Math.min(at + step, end));
      counts.push(count);
    }
  }
  return { cuts, counts };
}

/** Adds the far field to the near sums. */
function certified(near: ColumnSums, { estimates, errors, starts, field }: FarJob): CertifiedSums {
  const items = starts.length;
  mergeColumnSums(near, { exponents: new Float64Array(items), sums: estimates });
  const shares = errors.map((error, item) => {
    if (error === 0) return 0;
    const scaled = error * 2 ** -near.exponents[item]!;
    return scaled / (near.sums[item]! - scaled);
  });
  return {
    columns: { exponents: inSharedMemory(near.exponents), sums: inSharedMemory(near.sums) },
    certificate: {
      method: "near-far",
      error: shares.reduce((most, share) => Math.max(most, share)),
      nearShare: nearShare(starts, field),
    },
    errors: shares,
  };
}

/** The near share of some items spread over all lengths. */
function pilotShare(far: FarJob): number {
  const count = Math.min(PILOT, far.order.length);
  const pick = (place: number) => far.order[Math.floor((place * far.order.length) / count)]!;
  const order = Uint32Array.from({ length: count }, (_, place) => pick(place));
  farBlock({ job: { ...far, order, cuts: Uint32Array.of(0, count) }, block: 0 });
  return nearShare(
    order.map((item) => far.starts[item]!),
    far.field,
  );
}

/** Mean share of the users before the starts. */
function nearShare(starts: Uint32Array, { starts: cuts, users }: FarField): number {
  return starts.reduce((sum, start) => sum + (cuts[start] ?? users) / users, 0) / starts.length;
}
