import { Tinypool } from "tinypool";
import type { BlockInput, BlockTask } from "./block-task.ts";

/** Threads that do a block at a time each. */
export interface Pool {
  run<Job, Result>(task: BlockTask<Job, Result>, input: BlockInput<Job>): Promise<Result>;
  /** Fails once a thread ends by itself. */
  readonly death: Promise<never>;
  close(): Promise<void>;
}

/** A pool of so many threads; undefined where threads can't share memory. */
export function openPool(threads: number): Pool | undefined {
  const pool = new Tinypool({ minThreads: threads, maxThreads: threads, terminateTimeout: 1000 });
  const death = deathOf(pool);
  return {
    run: (task, input) => pool.run(input, { filename: task.module, name: task.name }),
    death: death.promise,
    async close() {
      const ended = pool.destroy();
      if (!death.happened()) await ended; // it would wait for the dead thread for ever
    },
  };
}

/** A promise that fails once a thread ends by itself, which Tinypool doesn't notice. */
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
