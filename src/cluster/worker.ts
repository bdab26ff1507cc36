import { ProRecError } from "../errors.ts";
import { memory } from "../host.ts";
import { openPool } from "../parallel/pool.ts";
import { shippedTask } from "./block.ts";
import { ownBuild } from "./build.ts";
import { counted, type Work } from "./counters.ts";
import { failureOf, reasonOf } from "./failure.ts";
import { openJobs } from "./jobs.ts";
import type { Journal } from "./journal.ts";
import { resultKey } from "./keys.ts";
import { leaveToken, removeToken, showToken } from "./preflight.ts";
import { announce, type BlockFailure, present } from "./presence.ts";
import { type Ended, type QueuedBlock, queueName } from "./queue.ts";
import { openQueueing, type Queueing } from "./queueing.ts";
import { openStore, type Store } from "./store/store.ts";

export interface WorkerOptions {
  /** `redis://HOST:PORT[/DB]` or `postgres://USER@HOST/DATABASE`. */
  readonly cluster: string;
  /** A folder or `s3://bucket/prefix`. */
  readonly store: string;
  readonly threads: number;
  /** One line for people. */
  readonly note: (message: string) => void;
  readonly journal?: Journal | undefined;
  readonly signal: AbortSignal;
}

/** Milliseconds that a block stays a worker's without a sign of life, and between two looks for such. */
const LOCK = 8000;
const LOOK = 4000;
/** A block that so many workers died of is given up. */
const MOST_DEATHS = 10;
/** Blocks in hand for each thread: one is computed while another is read or written. */
const IN_HAND = 2;

/**
 * Takes blocks of runs of this build and puts their results into the store, until `signal` fires: then the blocks in hand go
 * back.
 * @throws ProRecError UNUSABLE_CLUSTER
 */
export async function serveBlocks(options: WorkerOptions): Promise<void> {
  const done = { computed: 0, there: 0, failed: 0, stalled: 0, seconds: 0, bytesRead: 0, bytesWritten: 0 };
  const store = counted(await openStore(options.store), done);
  const queueing = await openQueueing(options.cluster);
  try {
    await serve(queueing, store, done, options);
  } finally {
    await queueing.close();
  }
}

async function serve(
  queueing: Queueing,
  store: Store,
  done: Work,
  { threads, note, journal = () => {}, signal }: WorkerOptions,
): Promise<void> {
  const { notices } = queueing;
  const build = ownBuild();
  const token = await leaveToken(store);
  const jobs = openJobs(store, build, memory().free / 2);
  const pool = openPool(threads)!;
  const running = new Map<string, Promise<Ended>>();
  let failure: BlockFailure | undefined;

  const result = async ({ task, job, block }: QueuedBlock) => {
    const key = resultKey(job, block);
    if (await store.has(key)) return { there: true, bytes: 0 };
    const shipped = { task, job: await jobs.get(task, job), key };
    const bytes = await pool.run(shippedTask, { job: shipped, block });
    await store.put(key, bytes);
    return { there: false, bytes: bytes.length };
  };
  const work = async ({ task, job, block }: QueuedBlock) => {
    const about = { task, job, block };
    journal("taken", about);
    const start = performance.now();
    try {
      const { there, bytes } = await result(about);
      done[there ? "there" : "computed"]++;
      journal("done", { ...about, there, bytes, ms: since(start) });
      return { there };
    } catch (error) {
      done.failed++;
      if (!signal.aborted) {
        const reason = failureOf(error);
        failure = { task, block, ...reason, at: new Date().toISOString() };
        journal("failed", { ...about, ...reason, ms: since(start) });
      }
      throw error;
    } finally {
      done.seconds += since(start) / 1000;
    }
  };
  /** A block whose lock this process lost may come back to it. */
  const once = (block: QueuedBlock) => {
    const key = resultKey(block.job, block.block);
    const started = running.get(key) ?? work(block).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
  const worker = queueing.worker<QueuedBlock>(
    queueName(build),
    (job) =>
      once(job.data).catch((error) => {
        throw new Error(reasonOf(error));
      }),
    {
      ...{ concurrency: IN_HAND * threads, lockDuration: LOCK },
      ...{ stalledInterval: LOOK, maxStalledCount: MOST_DEATHS },
    },
  );
  worker.on("stalled", (id) => {
    done.stalled++;
    journal("stalled", { id });
  });
  const refused = new Set<string>();
  const presence = await announce(notices, "worker", build, async () => {
    await showToken(notices, build, token);
    for (const run of await present(notices, "run")) {
      if (run.build.id === build.id || refused.has(run.id)) continue;
      refused.add(run.id);
      note(`Run ${run.id} needs ${run.build.name}; this is ${build.name} and takes none of its blocks.`);
    }
    return { threads, work: done, failure };
  });
  note(
    `Worker ${presence.id}, ${build.name}: ${threads} threads for blocks of ${queueing.address}, ${store.location}.`,
  );
  journal("started", {
    ...{ worker: presence.id, build: build.name, threads },
    ...{ cluster: queueing.address, store: store.location },
  });
  try {
    await Promise.race([aborted(signal), pool.death]);
  } finally {
    journal("stopped", { worker: presence.id, ...done });
    await presence.stop();
    await pool.close();
    await worker.close();
    await removeToken(notices, build, store, token).catch(() => {}); // it is collected some day
  }
}

function since(start: number): number {
  return Math.round(1000 * (performance.now() - start)) / 1000;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () =>
      reject(new ProRecError("ABORTED", "The worker was stopped.", { cause: signal.reason }));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
