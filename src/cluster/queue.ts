import type { Build } from "./build.ts";
import { errorOf } from "./failure.ts";
import type { Queueing } from "./queueing.ts";

/** A block as a queue has it: everything large is in the store. */
export interface QueuedBlock {
  readonly task: string;
  /** Digest of the job. */
  readonly job: string;
  readonly block: number;
}

/** What a worker tells the queue of a block that is done. */
export interface Ended {
  /** Whether its result was in the store before. */
  readonly there: boolean;
}

/** How a block ended: whether its result was there already, or an error. */
export type Outcome = Ended | { readonly error: Error };

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

export async function openQueue(queueing: Queueing, build: Build): Promise<BlockQueue> {
  const queue = queueing.queue<QueuedBlock>(queueName(build));
  const followed = new Map<string, { task: string; settle: (block: number, outcome: Outcome) => void }>();
  const events = await queueing.follow(queueName(build), (id, end) => {
    const [job = "", number] = id.split("-");
    const follower = followed.get(job);
    const block = Number(number);
    if ("failed" in end) follower?.settle(block, { error: errorOf(end.failed, follower.task, block) });
    else follower?.settle(block, { there: (end.returned as Ended | undefined)?.there === true });
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
