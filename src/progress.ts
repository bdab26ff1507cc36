import { setImmediate as nextTurn } from "node:timers/promises";
import { ProRecError } from "./errors.ts";

/** How far a long call has come: `done` of `total` units of `stage`. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** What every long call takes. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** @throws ProRecError ABORTED once `signal` has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ProRecError("ABORTED", "The run was stopped.", { cause: signal.reason });
}

/** Lets timers, signals and I/O run, then stops here if the run was aborted. Long loops call it every few tens of milliseconds. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await nextTurn();
  throwIfAborted(signal);
}

/** Calls `step` for 0..total-1, reporting progress under `stage` and breathing in between. */
export async function inSteps(
  stage: string,
  total: number,
  options: RunOptions,
  step: (index: number) => void | Promise<void>,
): Promise<void> {
  options.onProgress?.({ stage, done: 0, total });
  for (let index = 0; index < total; index++) {
    await breathe(options.signal);
    await step(index);
    options.onProgress?.({ stage, done: index + 1, total });
  }
}
