import { availableParallelism } from "node:os";
import { Tinypool } from "tinypool";
import { ProRecError } from "../errors.ts";
import { breathe, type RunOptions, throwIfAborted } from "../progress.ts";

/** Work on one block, in this thread or another: a pure function of a job that every thread sees and the block's number. */
export interface BlockTask<Job, Result> {
  /** URL of the module that exports `work` under `name`. */
  readonly module: string;
  readonly name: string;
  readonly work: (input: BlockInput<Job>) => Result;
}

export interface BlockInput<Job> {
  readonly job: Job;
  readonly block: number;
}

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

/** Blocks handed out for each thread before the first of them is back. */
const AHEAD = 3;

export function defaultThreads(): number {
  return availableParallelism();
}

/** A crew of this many threads beside the caller's, which stays free; 0 works in the caller's own, for small work. */
export function openCrew(threads: number): Crew {
  return threads > 0 ? pooledCrew(threads) : ownThread;
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

function pooledCrew(threads: number): Crew {
  const pool = new Tinypool({ minThreads: threads, maxThreads: threads, terminateTimeout: 1000 });
  const death = deathOf(pool);
  return {
    threads,
    async run<Job, Result>(
      task: BlockTask<Job, Result>,
      job: Job,
      count: number,
      { stage, signal, onProgress }: RunOptions & { readonly stage: string },
      collect?: (result: Result, block: number) => void,
    ) {
      throwIfAborted(signal);
      onProgress?.({ stage, done: 0, total: count });
      const stopped = stopOf(signal);
      const pending: Promise<Result>[] = [];
      for (let block = 0, next = 0; block < count; block++) {
        for (; next < count && next < block + AHEAD * threads; next++) {
          const result: Promise<Result> = pool.run(
            { job, block: next },
            { filename: task.module, name: task.name },
          );
          result.catch(() => {}); // seen below, unless an earlier block fails first
          pending.push(result);
        }
        const result = await Promise.race([pending.shift()!, stopped.promise, death.promise]);
        collect?.(result, block);
        onProgress?.({ stage, done: block + 1, total: count });
      }
      stopped.forget();
    },
    async close() {
      const ended = pool.destroy();
      if (!death.happened()) await ended; // it would wait for the dead thread for ever
    },
  };
}

/** A promise that fails once a thread ends by itself, which the pool doesn't notice. */
function deathOf(pool: Tinypool): { promise: Promise<never>; happened: () => boolean } {
  let happened = false;
  const promise = new Promise<never>((_, reject) => {
    for (const thread of pool.threads) {
      thread.once("exit", (code) => {
        happened = true;
        reject(new Error(`A worker thread ended in the middle of its work (exit ${code}).`));
      });
    }
  });
  promise.catch(() => {});
  return { promise, happened: () => happened };
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
