import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import type { Build } from "./build.ts";
import { PREFIX } from "./connection.ts";

/** Seconds between two signs of life, and until one is forgotten. */
const BEAT = 5;
const FORGOTTEN = 3 * BEAT;

/** A worker or a run that is alive. */
export interface Presence {
  readonly id: string;
  readonly build: Build;
  readonly host: string;
  readonly process: number;
  readonly since: string;
}

/** Says that this process is there until it is told to stop, and calls `onBeat` each time. */
export async function announce(
  redis: Redis,
  kind: "worker" | "run",
  build: Build,
  onBeat: () => void | Promise<void> = () => {},
): Promise<Presence & { stop(): Promise<void> }> {
  const presence: Presence = {
    id: randomUUID().slice(0, 8),
    ...{ build, host: hostname(), process: process.pid, since: new Date().toISOString() },
  };
  const key = `${PREFIX}:${kind}:${presence.id}`;
  const say = () => redis.set(key, JSON.stringify(presence), "EX", FORGOTTEN);
  await say();
  const timer = setInterval(async () => {
    if (redis.status !== "ready") return; // it will be there again, or not
    try {
      await say();
      await onBeat();
    } catch {} // the next beat tries again
  }, BEAT * 1000);
  return {
    ...presence,
    async stop() {
      clearInterval(timer);
      if (redis.status === "ready") await redis.del(key);
    },
  };
}

/** Who is there. */
export async function present(redis: Redis, kind: "worker" | "run"): Promise<Presence[]> {
  const keys: string[] = [];
  for await (const some of redis.scanStream({ match: `${PREFIX}:${kind}:*` })) keys.push(...some);
  const texts = keys.length === 0 ? [] : await redis.mget(keys);
  return texts.filter((text) => text !== null).map((text) => JSON.parse(text));
}
