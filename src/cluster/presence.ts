import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Build } from "./build.ts";
import type { Notices } from "./queueing.ts";

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
  notices: Notices,
  kind: "worker" | "run",
  build: Build,
  onBeat: () => Promise<void> = async () => {},
): Promise<Presence & { stop(): Promise<void> }> {
  const presence: Presence = {
    id: randomUUID().slice(0, 8),
    ...{ build, host: hostname(), process: process.pid, since: new Date().toISOString() },
  };
  const key = `${kind}/${presence.id}`;
  const beat = async () => {
    await notices.post(key, JSON.stringify(presence), FORGOTTEN);
    await onBeat();
  };
  await beat();
  let beating = Promise.resolve();
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(() => {}); // the next beat tries again
  }, BEAT * 1000);
  return {
    ...presence,
    async stop() {
      clearInterval(timer);
      await notices.remove(key);
    },
  };
}

/** Who is there. */
export async function present(notices: Notices, kind: "worker" | "run"): Promise<Presence[]> {
  return (await notices.read(`${kind}/`)).map((text) => JSON.parse(text));
}
