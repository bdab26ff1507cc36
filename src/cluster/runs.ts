import { setTimeout as pause } from "node:timers/promises";
import { ProRecError } from "../errors.ts";
import { type RunOptions, throwIfAborted } from "../progress.ts";
import { type Attendance, attendance, cancel, forgetCancel, type Presence, present } from "./presence.ts";
import { openQueueing } from "./queueing.ts";

/** Who is at a cluster now. @throws ProRecError UNUSABLE_CLUSTER */
export async function attendanceAt(cluster: string): Promise<Attendance> {
  const { notices, close } = await openQueueing(cluster);
  try {
    return await attendance(notices);
  } finally {
    await close();
  }
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
