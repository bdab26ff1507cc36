import { ProRecError } from "../errors.ts";
import { breathe, type RunOptions, throwIfAborted } from "../progress.ts";
import type { BlockTask } from "./block-task.ts";
import { openPool, type Pool } from "./pool.ts";

export { processors as defaultThreads } from "../host.ts";

/** Threads that work on blocks. */
export interface Crew {
  /** Threads beside the caller's own. */
  readonly threads: number;
  /**
   * Does blocks 0..count-1 and hands the results to `collect` in block order, so that sums have the same bits for any
   * number of threads.
   */
  run<Job, Result>(
    task: BlockTask<Job, Result>,
    job: Job,
    count: number,
    options: RunOptions & { readonly stage: string },
    collect?: (result: Result, block: number) => void,
  ): Promise<void>;
  /** Ends the threads, in the middle of their work if need be. */
  close(): Promise<void>;
}

/** How many threads compute, or the crew that does, which is then the caller's to close. */
export type Threads = number | Crew;

export function threadCount(threads: Threads): number {
  return typeof threads === "number" ? threads : threads.threads;
}

/** Threads for work that is large enough to be worth starting some; a crew that is there already always is. */
export function ifWorth(large: boolean, threads: Threads = 1): Threads {
  return large || typeof threads !== "number" ? threads : 0;
}

/** Blocks handed out for each thread before the first of them is back. */
const AHEAD = 3;

/**
 * A crew of this many threads beside the caller's, which stays free; 0 works in the caller's own, for small work, and so
 * does a browser that doesn't let threads share memory.
 */
export function openCrew(threads: Threads): Crew {
  if (typeof threads !== "number") return { ...threads, close: async () => {} };
  const pool = threads > 0 ? openPool(threads) : undefined;
  return pool ? pooledCrew(pool, threads) : ownThread;
}

const ownThread: Crew = {
  threads: 0,
  async run(task, job, count, { stage, signal, onProgress }, collect) {
    onProgress?.({ stage, done: 0, total: count });
    for (let block = 0; block < count; block++) {
      await breathe(signal);
      const result = task.work({ job, block });
      collect?.(result, block);
      onProgress?.({ stage, done: block + 1, total: count });
    }
  },
  close: async () => {},
};

function pooledCrew(pool: Pool, threads: number): Crew {
  return {
    threads,
    run: (task, job, count, options, collect) =>
      inBlockOrder(count, AHEAD * threads, (block) => pool.run(task, { job, block }), {
        ...options,
        ...{ death: pool.death, collect },
      }),
    close: () => pool.close(),
  };
}

/** Starts blocks, `ahead` of them before the first is back, and collects their results in order, until `death` fails. */
export async function inBlockOrder<Result>(
  count: number,
  ahead: number,
  start: (block: number) => Promise<Result>,
  options: RunOptions & {
    readonly stage: string;
    readonly death: Promise<never>;
    readonly collect?: ((result: Result, block: number) => void) | undefined;
  },
): Promise<void> {
  const { stage, signal, onProgress, death, collect } = options;
  throwIfAborted(signal);
  onProgress?.({ stage, done: 0, total: count });
  const stopped = stopOf(signal);
  const pending: Promise<Result>[] = [];
  for (let block = 0, next = 0; block < count; block++) {
    for (; next < count && next < block + ahead; next++) {
      const result = start(next);
      result.catch(() => {}); // seen below, unless an earlier block fails first
      pending.push(result);
    }
    const result = await Promise.race([pending.shift()!, stopped.promise, death]);
    collect?.(result, block);
    onProgress?.({ stage, done: block + 1, total: count });
  }
  stopped.forget();
}

/** A promise that fails once the signal fires. */
function stopOf(signal: AbortSignal | undefined): { promise: Promise<never>; forget: () => void } {
  let stop = () => {};
  const promise = new Promise<never>((_, reject) => {
    stop = () => reject(new ProRecError("ABORTED", "The run was stopped.", { cause: signal?.reason }));
    signal?.addEventListener("abort", stop, { once: true });
  });
  promise.catch(() => {});
  return { promise, forget: () => signal?.removeEventListener("abort", stop) };
}
