import { ProRecError } from "./errors.ts";
import { nextTurn } from "./host.ts";

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

/** Work in steps of some tens of milliseconds: it pauses at every `yield` and returns its result. */
export type Steps<Result> = Generator<undefined, Result>;

/** Numbers that a loop of a few operations each takes between two pauses. */
export const STEP = 1 << 20;

/** Does all steps without a pause. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does the steps one by one, breathing in between. @throws ProRecError ABORTED once `signal` has fired. */
export async function breathing<Result>(
  steps: Steps<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await breathe(signal);
  }
}

/** `work` on start..end-1 for ranges that cover 0..total-1. */
export function* overRanges(total: number, work: (start: number, end: number) => void): Steps<void> {
  for (let start = 0; start < total; start += STEP) {
    work(start, Math.min(start + STEP, total));
    yield;
  }
}
