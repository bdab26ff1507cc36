import type { Redis } from "ioredis";
import { ProRecError } from "../errors.ts";
import type { Address } from "./address.ts";
import { optional } from "./optional.ts";
import type { Queueing } from "./queueing.ts";
import { quiet, unreachable, unusable } from "./unusable.ts";

/** What all keys of ProRec begin with. */
const PREFIX = "prorec";
/** Milliseconds to reach the server. */
const PATIENCE = 10_000;

export async function openRedis(address: Address): Promise<Queueing> {
  const bullmq = await optional("bullmq", () => import("bullmq"));
  const { Redis } = await optional("ioredis", () => import("ioredis"));
  const { host, port, user, password, database, tls, masked } = address;
  const redis = new Redis({
    ...{ host, port, db: Number(database ?? 0), ...(tls ? { tls: {} } : {}) },
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...{ lazyConnect: true, connectTimeout: PATIENCE, maxRetriesPerRequest: null },
    retryStrategy: (times) => Math.min(100 * times, 1000),
  });
  let reason: Error | undefined;
  redis.on("error", (error) => {
    reason = error;
  });
  try {
    await redis.connect();
    await assertKeeps(redis, address);
  } catch (error) {
    redis.disconnect();
    throw error instanceof ProRecError ? error : unreachable(address, reason ?? error);
  }
  const shared = { connection: redis, prefix: PREFIX };
  return {
    address: masked,
    queue: (name) => quiet(new bullmq.Queue(name, shared)),
    async follow(name, onEnd) {
      const events = quiet(new bullmq.QueueEvents(name, shared));
      events.on("completed", ({ jobId, returnvalue }) => onEnd(jobId, { returned: returnvalue }));
      events.on("failed", ({ jobId, failedReason }) => onEnd(jobId, { failed: failedReason }));
      await events.waitUntilReady();
      return events;
    },
    worker: (name, processor, options) =>
      quiet(new bullmq.Worker(name, processor, { ...shared, ...options })),
    notices: {
      post: async (key, text, seconds) =>
        void (await redis.set(`${PREFIX}:notice:${key}`, text, "EX", seconds)),
      async remove(key) {
        if (redis.status === "ready") await redis.del(`${PREFIX}:notice:${key}`); // else it is soon forgotten
      },
      async read(prefix) {
        const keys = new Set<string>();
        for await (const some of redis.scanStream({ match: `${PREFIX}:notice:${prefix}*`, count: 1000 })) {
          for (const key of some) keys.add(key);
        }
        const texts = keys.size === 0 ? [] : await redis.mget([...keys]);
        return texts.filter((text) => text !== null);
      },
    },
    close: async () => redis.disconnect(),
  };
}

/** A Redis that throws keys away when it is full would lose blocks and locks. */
async function assertKeeps(redis: Redis, address: Address): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info("memory"))?.[1] ?? "unknown";
  if (policy === "noeviction") return;
  throw unusable(
    address,
    `its maxmemory-policy is ${policy}, so it may throw away what is queued`,
    "Set it to noeviction: redis-cli config set maxmemory-policy noeviction, and the same in redis.conf.",
  );
}
