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

/** What may take more memory from one version of Node to the next asks for this. */
export const NODE_MAJOR = Number(process.versions.node.split(".", 1)[0]);

/** What V8 lets the young generation's three halves grow to: 32 MB each from Node 22 on, 16 MB before. */
export const YOUNG_BYTES = 3 * (NODE_MAJOR >= 22 ? 32e6 : 16e6);
