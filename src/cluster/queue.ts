import type { Build } from "./build.ts";
import { type Connection, PREFIX } from "./connection.ts";
import { errorOf } from "./failure.ts";

/** A block as a queue has it: everything large is in the store. */
export interface QueuedBlock {
  readonly task: string;
  /** Digest of the job. */
  readonly job: string;
  readonly block: number;
}

/** How a block ended: whether its result was there already, or an error. */
export type Outcome = { readonly there: boolean } | { readonly error: Error };

/** The queue of one build's blocks, as a run sees it. A block is known by job and number, whoever asks for it. */
export interface BlockQueue {
  /** Adds blocks but those that it holds. */
  add(blocks: readonly QueuedBlock[]): Promise<void>;
  /** Whether it holds a block, waiting or being worked on. */
  holds(block: QueuedBlock): Promise<boolean>;
  /** Calls `settle` for each block of a job that ends, until the function it returns is called. */
  follow(task: string, job: string, settle: (block: number, outcome: Outcome) => void): () => void;
  close(): Promise<void>;
}

/** Workers of other builds listen elsewhere, so that none can take what it would compute differently. */
export function queueName({ id }: Build): string {
  return `blocks-${id}`;
}

/** A block that fails is tried so often, a second apart. */
const RETRIES = { attempts: 5, backoff: { type: "fixed", delay: 1000 } };

export async function openQueue({ redis, bullmq }: Connection, build: Build): Promise<BlockQueue> {
  const options = { connection: redis, prefix: PREFIX };
  const queue = new bullmq.Queue<QueuedBlock>(queueName(build), options);
  const events = new bullmq.QueueEvents(queueName(build), options);
  queue.on("error", () => {}); // lost connections come back
  events.on("error", () => {});
  await events.waitUntilReady();
  const followed = new Map<string, { task: string; settle: (block: number, outcome: Outcome) => void }>();
  const settle = (id: string, outcome: (task: string, block: number) => Outcome) => {
    const [job = "", block] = id.split("-");
    const follower = followed.get(job);
    follower?.settle(Number(block), outcome(follower.task, Number(block)));
  };
  events.on("completed", ({ jobId, returnvalue }) => {
    settle(jobId, () => ({ there: (returnvalue as unknown as { there?: boolean })?.there === true }));
  });
  events.on("failed", ({ jobId, failedReason }) => {
    settle(jobId, (task, block) => ({ error: errorOf(failedReason, task, block) }));
  });
  return {
    async add(blocks) {
      await queue.addBulk(
        blocks.map((data) => ({
          name: data.task,
          data,
          opts: { jobId: idOf(data), ...RETRIES, removeOnComplete: true, removeOnFail: true },
        })),
      );
    },
    holds: async (block) => (await queue.getJob(idOf(block))) !== undefined,
    follow(task, job, settle) {
      followed.set(job, { task, settle });
      return () => followed.delete(job);
    },
    async close() {
      await Promise.all([events.close(), queue.close()]);
    },
  };
}

function idOf({ job, block }: QueuedBlock): string {
  return `${job}-${block}`;
}
