import type { Processor, Queue, Worker } from "bullmq";
import { parseAddress } from "./address.ts";
import { openPostgres } from "./queueing-postgres.ts";
import { openRedis } from "./queueing-redis.ts";

/** BullMQ on a server that was found fit, without what tells Redis and PostgreSQL apart. */
export interface Queueing {
  /** The server's address for people, without user and password. */
  readonly address: string;
  queue<Data>(name: string): Queue<Data>;
  /** Calls `onEnd` for each job of a queue that ends from now on; one may be missed while the server can't be reached. */
  follow(name: string, onEnd: OnEnd): Promise<{ close(): Promise<void> }>;
  worker<Data>(name: string, processor: Processor<Data>, options: TakeOptions): Worker<Data>;
  readonly notices: Notices;
  /** Ends the connections; queues, followers and workers are to be closed before. */
  close(): Promise<void>;
}

export type OnEnd = (id: string, end: { readonly returned: unknown } | { readonly failed: string }) => void;

/** What all workers of a queue set. */
export interface TakeOptions {
  /** Jobs in hand at once. */
  readonly concurrency: number;
  /** Milliseconds that a job stays with a worker that gives no sign of life. */
  readonly lockDuration: number;
  /** Milliseconds between two looks for jobs whose worker is gone. */
  readonly stalledInterval: number;
  /** So many workers may go before a job is given up. */
  readonly maxStalledCount: number;
}

/** Short texts on the server that all see and that vanish when they aren't renewed. */
export interface Notices {
  /** Sets a text, for so many seconds. */
  post(key: string, text: string, seconds: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** The texts whose keys begin with `prefix`, in no order. */
  read(prefix: string): Promise<string[]>;
}

/**
 * Connects to the server of an address (`parseAddress`) and checks that it keeps what it is told; PostgreSQL's tables are made
 * or brought up to date.
 * @throws ProRecError UNUSABLE_CLUSTER: a bad address, a package that isn't installed, a server that can't be reached or
 * isn't fit
 */
export async function openQueueing(address: string): Promise<Queueing> {
  const parsed = parseAddress(address);
  return parsed.kind === "redis" ? openRedis(parsed) : openPostgres(parsed);
}
