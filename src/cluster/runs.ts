import { setTimeout as pause } from "node:timers/promises";
import { ProRecError } from "../errors.ts";
import { type RunOptions, throwIfAborted } from "../progress.ts";
import { cancel, forgetCancel, type Presence, present } from "./presence.ts";
import { openQueueing } from "./queueing.ts";
import { type RunRecord, recordOf, recordsIn } from "./record.ts";
import { openStore } from "./store/store.ts";

/** Who is at a cluster now. */
export interface Attendance {
  readonly runs: readonly Presence[];
  readonly workers: readonly Presence[];
  /** Runs that can be resumed; only where a store was named. */
  readonly interrupted?: readonly RunRecord[];
}

/** One run: on, or interrupted. */
export interface RunState {
  readonly run?: Presence;
  readonly interrupted?: RunRecord;
  /** Those that take its blocks; of an interrupted run all. */
  readonly workers: readonly Presence[];
}

/** @throws ProRecError UNUSABLE_CLUSTER */
export async function attendance(cluster: string, place?: string): Promise<Attendance> {
  const { notices, close } = await openQueueing(cluster);
  try {
    const [runs, workers] = [await present(notices, "run"), await present(notices, "worker")];
    if (place === undefined) return { runs, workers };
    const live = runs.map(({ id }) => id);
    const records = await recordsIn(await openStore(place));
    return { runs, workers, interrupted: records.filter(({ id }) => !live.includes(id)) };
  } finally {
    await close();
  }
}

/** @throws ProRecError UNUSABLE_CLUSTER, also if there is no such run, or only in a store that isn't named */
export async function stateOf(cluster: string, place: string | undefined, id: string): Promise<RunState> {
  const { runs, workers } = await attendance(cluster);
  const run = runs.find((each) => each.id === id);
  if (run) return { run, workers: workers.filter(({ build }) => build.id === run.build.id) };
  if (place !== undefined) return { interrupted: await recordOf(await openStore(place), id), workers };
  throw new ProRecError("UNUSABLE_CLUSTER", `No run ${id} is on.`, {
    hint: "--store PLACE shows an interrupted one; a finished one leaves no record.",
  });
}

/**
 * Waits until nobody has heard of a run for some seconds, so that it can go on; asked to end earlier, it doesn't any more.
 * @throws ProRecError UNUSABLE_CLUSTER if it is on; ABORTED
 */
export async function assertGone(cluster: string, id: string, { signal }: RunOptions): Promise<void> {
  const { notices, close } = await openQueueing(cluster);
  try {
    let last: Presence | undefined;
    for (;;) {
      const run = (await present(notices, "run")).find((each) => each.id === id);
      if (run === undefined) return await forgetCancel(notices, id);
      if (last !== undefined && last.seen !== run.seen) {
        throw new ProRecError(
          "UNUSABLE_CLUSTER",
          `Run ${id} is on: process ${run.process} on ${run.host} computes it.`,
          { hint: "prorec runs show tells how far it is, prorec runs cancel ends it." },
        );
      }
      last = run;
      await pause(500, undefined, { signal }).catch(() => throwIfAborted(signal));
    }
  } finally {
    await close();
  }
}

/** Ends a run, wherever it is, in some seconds. @throws ProRecError UNUSABLE_CLUSTER, also if there is no such run */
export async function cancelRun(cluster: string, id: string): Promise<void> {
  const { notices, close, address } = await openQueueing(cluster);
  try {
    const runs = (await present(notices, "run")).map((run) => run.id);
    if (runs.includes(id)) return await cancel(notices, id);
    throw new ProRecError("UNUSABLE_CLUSTER", `There is no run ${id} at ${address}.`, {
      hint: runs.length === 0 ? "There is none at all." : `There are ${runs.join(", ")}.`,
    });
  } finally {
    await close();
  }
}
