import { ProRecError } from "../errors.ts";
import { type Crew, inBlockOrder, openCrew } from "../parallel/crew.ts";
import type { RunOptions } from "../progress.ts";
import type { BlockResult } from "./block.ts";
import { type Build, ownBuild } from "./build.ts";
import { counted, type Moved } from "./counters.ts";
import { resultKey, resultsOf } from "./keys.ts";
import { assertSharedStore } from "./preflight.ts";
import { announce, isCancelled, type Presence, present } from "./presence.ts";
import { openQueue } from "./queue.ts";
import { openQueueing, type Queueing } from "./queueing.ts";
import { type Settling, settlingOf } from "./settling.ts";
import { ship, shipmentOf } from "./shipment.ts";
import { openStore, type Store } from "./store/store.ts";
import { type Found, openTally, type RunNews, type Step } from "./tally.ts";
import { putInPlace, type ShippedTask, taskNamed } from "./tasks.ts";
import { unpack, unseal } from "./values.ts";

export interface ClusterOptions {
  /** `redis://HOST:PORT[/DB]` or `postgres://USER@HOST/DATABASE`. */
  readonly cluster: string;
  /** A folder or `s3://bucket/prefix`, the same for all. */
  readonly store: string;
  /** Threads of this machine for tasks that don't go to the cluster. */
  readonly threads: number;
  /** Of a run that goes on; a new one unless given. */
  readonly run?: string | undefined;
  /** One line for people. */
  readonly note: (message: string) => void;
}

/** A crew whose blocks are done by the workers of a cluster. */
export interface ClusterCrew extends Crew {
  /** The run's. */
  readonly id: string;
  readonly store: Store;
  /** What it has come to. */
  news(): RunNews;
  /** The workers of this build that are there now. */
  workers(): Promise<Presence[]>;
}

/** Results that are read before the first of them is taken. */
const AHEAD = 16;
/** Milliseconds between two looks whether the queue has lost something. */
const LOOK = 2000;

/**
 * Connects to a cluster. What a run adds is computed by workers of the same build; what is in the store already isn't
 * computed again, so a run that is repeated goes on where it stood.
 * @throws ProRecError UNUSABLE_CLUSTER, also if there are workers, but all of another build, or one with another store
 */
export async function openClusterCrew(options: ClusterOptions): Promise<ClusterCrew> {
  const moved = { bytesRead: 0, bytesWritten: 0 };
  const store = counted(await openStore(options.store), moved);
  const queueing = await openQueueing(options.cluster);
  try {
    return await crewOf(queueing, store, moved, options);
  } catch (error) {
    await queueing.close();
    throw error;
  }
}

async function crewOf(
  queueing: Queueing,
  store: Store,
  moved: Moved,
  { threads, note, run: runId }: ClusterOptions,
): Promise<ClusterCrew> {
  const { notices } = queueing;
  const build = ownBuild();
  const foreign = await absenceOf(queueing, build);
  if (foreign?.others) throw new ProRecError("UNUSABLE_CLUSTER", foreign.message, { hint: SAME_BUILD });
  await assertSharedStore(notices, build, store);
  let told = "";
  const tellAbsence = async () => {
    const message = (await absenceOf(queueing, build))?.message ?? "";
    if (message !== "" && message !== told) note(message);
    told = message;
  };
  const queue = await openQueue(queueing, build);
  const cancelled = new AbortController();
  const tally = openTally();
  const news = async (id: string) => {
    if (await isCancelled(notices, id)) cancelled.abort();
    return { ...tally.news(), moved };
  };
  const presence = await announce(notices, "run", build, news, runId);
  note(`Run ${presence.id} at ${queueing.address}, ${store.location}.`);
  const local = openCrew(threads);
  const known = new Set<string>();
  return {
    ...{ threads, store, id: presence.id, news: tally.news },
    workers: async () => (await present(notices, "worker")).filter((worker) => worker.build.id === build.id),
    run(task, job, count, options, collect) {
      const shipped = taskNamed(task.name);
      if (shipped === undefined) return local.run(task, job, count, options, collect);
      const { signal } = options;
      const either = AbortSignal.any([cancelled.signal, ...(signal ? [signal] : [])]);
      return runShipped(
        shipped,
        job as object,
        count,
        { ...options, signal: either },
        collect as Collect | undefined,
      );
    },
    async close() {
      await Promise.all([presence.stop(), queue.close(), local.close()]);
      await queueing.close();
    },
  };

  async function runShipped(
    task: ShippedTask,
    job: object,
    count: number,
    options: RunOptions & { readonly stage: string },
    collect?: Collect,
  ): Promise<void> {
    const shipment = await shipmentOf(build.id, task, job, options.signal);
    await ship(store, shipment, known, options.signal);
    const { digest } = shipment;
    const blocks = settlingOf(count);
    const step = tally.begin(options.stage, count);
    const stop = queue.follow(task.name, digest, (block, outcome) => {
      if (!blocks.settle(block, outcome) || "error" in outcome) return;
      step.add(outcome.there ? "there" : "computed");
    });
    const add = (some: readonly number[]) =>
      queue.add(some.map((block) => ({ task: task.name, job: digest, block })));
    /** Settles blocks that are in the store and adds the others. */
    const addMissing = async (found: Found) => {
      for (const block of await storedBlocks(store, digest)) {
        if (blocks.settle(block, { there: true })) step.add(found);
      }
      await add(blocks.open());
    };
    const look = everySoOften(async () => {
      const [first] = blocks.open();
      if (first === undefined || blocks.moved()) return;
      if (!(await queue.holds({ task: task.name, job: digest, block: first }))) await addMissing("computed");
      else await tellAbsence();
    });
    try {
      await addMissing("there");
      const resultOf = (block: number) => result(task, digest, block, { blocks, step, add });
      await inBlockOrder(count, AHEAD, resultOf, {
        ...options,
        death: look.failure,
        collect({ result, written }, block) {
          const strips = task.writes({ job, block });
          for (const [index, strip] of strips.entries()) putInPlace(strip, written[index]!);
          collect?.(result, block);
        },
      });
    } finally {
      look.stop();
      stop();
      step.end();
    }
  }

  /** A block's result, once it is there; computed a second time if it is lost or damaged. */
  async function result(
    { name }: ShippedTask,
    digest: string,
    block: number,
    { blocks, step, add }: Wait,
  ): Promise<BlockResult> {
    const key = resultKey(digest, block);
    for (let again = false; ; again = true) {
      await blocks.settled(block);
      const sealed = await store.get(key).catch(ifAbsent);
      const bytes = sealed && unseal(key, sealed);
      if (bytes) return unpack(bytes) as BlockResult;
      const what = `Block ${block} of ${name} is ${sealed ? "damaged" : "missing"} in the store ${store.location}`;
      if (again) {
        throw new ProRecError("CORRUPT_FILE", `${what}, also after it was computed again.`, {
          details: { key, location: store.location },
          hint: "Check that disk or bucket, and that all workers have the same store.",
        });
      }
      note(`${what}: it is computed again.`);
      await store.remove(key);
      blocks.reopen(block);
      step.takeBack();
      await add([block]);
    }
  }
}

/** What waits for the blocks of a step. */
interface Wait {
  readonly blocks: Settling;
  readonly step: Step;
  readonly add: (blocks: readonly number[]) => Promise<void>;
}

type Collect = (result: unknown, block: number) => void;

/** The blocks of a job whose results are in the store. */
async function storedBlocks(store: Store, digest: string): Promise<number[]> {
  const prefix = resultsOf(digest);
  return (await store.list(prefix)).map((key) => Number(key.slice(prefix.length)));
}

const SAME_BUILD = "Give all machines the same version of ProRec and of Node.";

/** What to say where no worker of this build is, and whether there are others. */
async function absenceOf(
  { notices, address }: Queueing,
  build: Build,
): Promise<{ message: string; others: boolean } | undefined> {
  const workers = await present(notices, "worker");
  if (workers.some((worker) => worker.build.id === build.id)) return undefined;
  const [other] = workers;
  const message = other
    ? `The ${workers.length} workers at ${address} may compute other bits: they are ${other.build.name}, this is ${build.name}.`
    : `No worker is at ${address}; the run waits. prorec worker --cluster ... --store ... starts one.`;
  return { message, others: other !== undefined };
}

function ifAbsent(error: unknown): undefined {
  if (!(error instanceof ProRecError && error.code === "UNREADABLE_FILE")) throw error;
}

/** Does something every `LOOK` milliseconds, never twice at once; `failure` says why it can't. */
function everySoOften(work: () => Promise<void>): { failure: Promise<never>; stop(): void } {
  let busy = false;
  let stop = () => {};
  const failure = new Promise<never>((_, reject) => {
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      work()
        .catch(reject)
        .finally(() => {
          busy = false;
        });
    }, LOOK);
    stop = () => clearInterval(timer);
  });
  failure.catch(() => {});
  return { failure, stop };
}
