import type { Redis } from "ioredis";
import { ProRecError } from "../errors.ts";
import { printable } from "../io/printable.ts";
import { optional } from "./optional.ts";

export type BullMQ = typeof import("bullmq");

/** A Redis that can be trusted with a queue. */
export interface Connection {
  readonly redis: Redis;
  readonly bullmq: BullMQ;
  /** For people; without user and password. */
  readonly address: string;
}

/** What keys of ProRec begin with. */
export const PREFIX = "prorec";
/** Milliseconds to reach a server. */
const PATIENCE = 10_000;

/**
 * Connects to `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS, and checks that it keeps what it is told.
 * @throws ProRecError UNUSABLE_CLUSTER
 */
export async function connect(url: string): Promise<Connection> {
  const address = addressOf(url);
  const bullmq = await optional("bullmq", () => import("bullmq"));
  const { Redis } = await optional("ioredis", () => import("ioredis"));
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: PATIENCE,
    retryStrategy: (times) => Math.min(100 * times, 1000),
  });
  let reason = "it does not answer";
  redis.on("error", ({ message }) => {
    reason = message;
  });
  try {
    await redis.connect();
    await assertKeeps(redis, address);
  } catch (error) {
    redis.disconnect();
    if (error instanceof ProRecError) throw error;
    const { message } = error as Error;
    const why = /closed/.test(message) ? reason : message;
    throw unusable(address, printable(why, 200), "Check the address, the password and whether it runs.");
  }
  return { redis, bullmq, address };
}

/** A Redis that throws keys away when it is full would lose blocks and locks. */
async function assertKeeps(redis: Redis, address: string): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info("memory"))?.[1];
  if (policy === "noeviction") return;
  throw unusable(
    address,
    `its maxmemory-policy is ${printable(policy ?? "unknown")}, so it may throw away what is queued`,
    "Set it to noeviction: redis-cli config set maxmemory-policy noeviction, and in redis.conf.",
  );
}

/** Nothing of what is refused is repeated: it may be a password. */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "") {
    throw new ProRecError("UNUSABLE_CLUSTER", "The cluster's address is not redis://HOST:PORT[/DB].", {
      hint: "For TLS it begins with rediss://; user and password go before the host: redis://USER:PASSWORD@HOST:PORT.",
    });
  }
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function unusable(address: string, reason: string, hint: string): ProRecError {
  const message = `Can't use the cluster at ${printable(address)}: ${reason}.`;
  return new ProRecError("UNUSABLE_CLUSTER", message, { details: { address }, hint });
}
