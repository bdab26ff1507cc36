import type { BlockInput, BlockTask } from "./block-task.ts";
import type { Pool } from "./pool.ts";

interface Call {
  readonly message: { readonly name: string; readonly input: unknown };
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** What `src/browser/worker.ts` answers. */
export type Answer = { readonly result: unknown } | { readonly error: Error };

/** A pool of so many web workers; undefined where the page is not cross-origin isolated, so that they can't share memory. */
export function openPool(threads: number): Pool | undefined {
  if (!globalThis.crossOriginIsolated) return undefined;
  const queue: Call[] = [];
  const workers = Array.from({ length: threads }, startWorker);
  const idle = [...workers];
  const current = new Map<Worker, Call>();

  const next = () => {
    while (idle.length > 0 && queue.length > 0) {
      const worker = idle.pop()!;
      const call = queue.shift()!;
      current.set(worker, call);
      worker.postMessage(call.message);
    }
  };
  const death = new Promise<never>((_, reject) => {
    for (const worker of workers) {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        const call = current.get(worker)!;
        idle.push(worker);
        next();
        if ("error" in data) call.reject(data.error);
        else call.resolve(data.result as never);
      };
      worker.onerror = (event) =>
        reject(
          new Error(
            `A web worker failed: ${event.message ?? "it didn't start. The page has to be able to load prorec's assets/worker-*.js; threads: 0 does without."}`,
          ),
        );
    }
  });
  death.catch(() => {});
  return {
    run<Job, Result>({ name }: BlockTask<Job, Result>, input: BlockInput<Job>) {
      return new Promise<Result>((resolve, reject) => {
        queue.push({ message: { name, input }, resolve, reject });
        next();
      });
    },
    death,
    async close() {
      for (const worker of workers) worker.terminate();
    },
  };
}

function startWorker(): Worker {
  return new Worker(new URL("../browser/worker.ts", import.meta.url), { type: "module" });
}
