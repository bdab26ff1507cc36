import type { Diagnosis } from "../evaluate/diagnose/diagnose.ts";
import { readTimes } from "../io/times.ts";
import { defaultThreads } from "../parallel/crew.ts";
import type { RunOptions } from "../progress.ts";
import type { Explored } from "./explored.ts";

/** What `prorec diagnose` says of the log: computed when it is asked for, kept as long as the server runs. */
export interface Diagnosing {
  /** Null until it was computed. */
  held(): Diagnosis | null;
  /** @throws ProRecError BAD_ROW for a log too small or too dense to judge; ABORTED */
  run(options: RunOptions): Promise<Diagnosis>;
}

export function diagnosing({ input, log, figures }: Explored): Diagnosing {
  let found: Diagnosis | null = null;
  return {
    held: () => found,
    async run(options) {
      if (found !== null) return found;
      const { diagnose } = await import("../evaluate/diagnose/diagnose.ts"); // its statistics take a quarter second to load
      const times = log && (await readTimes(log, input, options));
      found = await diagnose(input, { ...options, times, seed: figures.seed, threads: defaultThreads() });
      return found;
    },
  };
}
