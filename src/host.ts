import { availableParallelism, freemem } from "node:os";
import { setImmediate } from "node:timers/promises";

/** Lets timers, signals and I/O run. */
export const nextTurn = (): Promise<void> => setImmediate();

export function processors(): number {
  return availableParallelism();
}

/** Bytes that this process has and may still take, of the machine's or of what constrains it. */
export function memory(): { readonly own: number; readonly free: number } {
  const own = process.memoryUsage.rss();
  const constrained = process.constrainedMemory?.() ?? 0;
  return { own, free: constrained > 0 ? Math.min(freemem(), constrained - own) : freemem() };
}

const fromNode22 = Number(process.versions.node.split(".", 1)[0]) >= 22;

/** What is there before any data: Node itself, its heap, the code. */
export const RUNTIME_BYTES = fromNode22 ? 91e6 : 78e6;

/** What V8 lets the young generation's three halves grow to. */
export const YOUNG_BYTES = 3 * (fromNode22 ? 32e6 : 16e6);
