import { setTimeout as pause } from "node:timers/promises";
import { removeTemporaryFiles } from "../io/atomic.ts";
import { Interrupted } from "./failure.ts";
import { stdoutError } from "./session.ts";

/** Milliseconds that a stopped command has to end by itself. */
const GRACE = 250;

export interface Interruption {
  /** Fires when the run must stop; its reason is the error to tell. */
  readonly signal: AbortSignal;
  /** Rejects with that reason once the command had its time to stop. */
  readonly overdue: Promise<never>;
}

/**
 * Stops the run on SIGINT, SIGTERM, a failing standard output (the reader of a pipe has gone, the disk is full)
 * and on errors outside the command's own promise. Temporary files go whenever the process ends.
 */
export function watchForInterruption(): Interruption {
  const control = new AbortController();
  const overdue = new Promise<never>((_, reject) => {
    const stop = (reason: Error) => {
      const again = control.signal.aborted;
      control.abort(reason);
      pause(again ? 0 : GRACE).then(() => reject(control.signal.reason));
    };
    process.on("SIGINT", () => stop(new Interrupted("SIGINT")));
    process.on("SIGTERM", () => stop(new Interrupted("SIGTERM")));
    process.on("uncaughtException", stop);
    process.stdout.on("error", (error) => stop(stdoutError(error)));
  });
  overdue.catch(() => {}); // the run may have ended before
  process.stderr.on("error", () => {}); // nobody left to tell
  process.on("exit", removeTemporaryFiles);
  return { signal: control.signal, overdue };
}
