import type { Command } from "commander";
import { ProRecError } from "../errors.ts";
import { unwritable } from "../io/atomic.ts";
import type { Progress } from "../progress.ts";

/** What a command is given beside its options. `signal` and `onProgress` go into every long call. */
export interface Session {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Whether `--json` was given: then standard output is for `printJson` alone. */
  readonly json: boolean;
  /** One line on standard error, escaped for the terminal; silent with `--quiet`. */
  note(message: string): void;
  /** Data on standard output. Await it: it waits for a slow reader. */
  print(text: string): Promise<void>;
  printJson(value: unknown): Promise<void>;
}

/** Adds one command to the program. */
export type RegisterCommand = (program: Command, session: Session) => void;

/** @throws ProRecError UNWRITABLE_FILE when standard output is closed or full. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(stdoutError(error)) : resolve()));
  });
}

export function stdoutError(error: NodeJS.ErrnoException): ProRecError {
  if (error.code !== "EPIPE") return unwritable("standard output", error);
  const message = "Standard output was closed before everything was written.";
  return new ProRecError("UNWRITABLE_FILE", message, { details: { file: "standard output" }, cause: error });
}
