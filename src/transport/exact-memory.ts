import { ProRecError } from "../errors.ts";
import { assertFits } from "../memory.ts";
import type { Shape } from "./costs.ts";
import type { Solver } from "./solvers.ts";

/** Bytes a pair: the kernel of the start and the reduced costs in float32; with a mass also padded costs in float64. */
const BYTES: Partial<Record<Solver["name"], number>> = { emd: 8, "fixed-mass": 16 };
/** Bytes that the costs as float32 take where they are not there as a matrix. */
const COSTS = 4;
/** The most that one WebAssembly memory holds of them. */
const MOST = 4 * 2 ** 30 - 2 ** 26;

/**
 * Nothing for a solver that stores no pairs.
 * @throws ProRecError TOO_LARGE with figures where an exact plan's users x items pairs don't fit beside what is there
 */
export function assertExactFits({ name }: Solver, { users, items }: Shape, stored: boolean): void {
  const held = BYTES[name];
  if (held === undefined) return;
  const bytes = users * items * (held + (stored ? 0 : COSTS));
  const hint = `${name} stores all ${count(users)} x ${count(items)} pairs: take sinkhorn or relaxed, which store none.`;
  if (users * items * COSTS > MOST) {
    throw new ProRecError(
      "TOO_LARGE",
      `An exact plan for ${count(users)} x ${count(items)} pairs needs about ${count(Math.ceil(bytes / 1e6))} MB of memory, ${count(Math.ceil((users * items * COSTS) / 1e6))} MB of them in one piece; ${count(Math.floor(MOST / 1e6))} MB is the most.`,
      { details: { users, items, estimatedBytes: bytes, mostBytes: MOST }, hint },
    );
  }
  assertFits(bytes + process.memoryUsage.rss(), hint, { users, items });
}

function count(value: number): string {
  return value.toLocaleString("en");
}
