import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Build } from "./build.ts";
import type { Moved, Work } from "./counters.ts";
import type { Reason } from "./failure.ts";
import type { Notices } from "./queueing.ts";
import type { RunNews } from "./tally.ts";

/** Seconds between two signs of life, and until one is forgotten. */
const BEAT = 2;
const FORGOTTEN = 15;

/** A worker or a run that is alive. */
export interface Presence extends Partial<RunNews> {
  readonly id: string;
  readonly build: Build;
  readonly host: string;
  readonly process: number;
  readonly since: string;
  /** When it gave its last sign of life. */
  readonly seen: string;
  /** What a run has moved to and from its store. */
  readonly moved?: Moved;
  /** That a worker computes with. */
  readonly threads?: number;
  /** Of a worker, since it started. */
  readonly work?: Work;
  /** The last block that failed at a worker. */
  readonly failure?: BlockFailure | undefined;
}

export interface BlockFailure extends Reason {
  readonly task: string;
  readonly block: number;
  readonly at: string;
}

/** What changes from beat to beat. */
export type News = Partial<RunNews> & Pick<Presence, "moved" | "threads" | "work" | "failure">;

/** Says that this process is there, and its news, until it is told to stop; calls `onBeat` each time. */
export async function announce(
  notices: Notices,
  kind: "worker" | "run",
  build: Build,
  onBeat: (id: string) => Promise<News>,
  id: string = randomUUID().slice(0, 8),
): Promise<Omit<Presence, "seen"> & { stop(): Promise<void> }> {
  const presence = {
    ...{ id, build, host: hostname(), process: process.pid, since: new Date().toISOString() },
  };
  const key = `${kind}/${presence.id}`;
  const beat = async () => {
    const news = await onBeat(presence.id);
    await notices.post(
      key,
      JSON.stringify({ ...presence, seen: new Date().toISOString(), ...news }),
      FORGOTTEN,
    );
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

/** Asks a run to end; it does at its next beat. */
export async function cancel(notices: Notices, id: string): Promise<void> {
  await notices.post(`cancel/${id}`, id, FORGOTTEN);
}

/** A run that goes on has the id of the one that was asked to end. */
export async function forgetCancel(notices: Notices, id: string): Promise<void> {
  await notices.remove(`cancel/${id}`);
}

export async function isCancelled(notices: Notices, id: string): Promise<boolean> {
  return (await notices.read(`cancel/${id}`)).includes(id);
}

/** Who is there. */
export async function present(notices: Notices, kind: "worker" | "run"): Promise<Presence[]> {
  return (await notices.read(`${kind}/`)).map((text) => JSON.parse(text));
}

/** All who are at a cluster now. */
export interface Attendance {
  readonly runs: readonly Presence[];
  readonly workers: readonly Presence[];
}

export async function attendance(notices: Notices): Promise<Attendance> {
  const [runs, workers] = await Promise.all([present(notices, "run"), present(notices, "worker")]);
  return { runs, workers };
}
