import { ProRecError } from "../errors.ts";
import { cancel, type Presence, present } from "./presence.ts";
import { openQueueing } from "./queueing.ts";

/** Who is at a cluster now. */
export interface Attendance {
  readonly runs: readonly Presence[];
  readonly workers: readonly Presence[];
}

/** @throws ProRecError UNUSABLE_CLUSTER */
export async function attendance(cluster: string): Promise<Attendance> {
  const { notices, close } = await openQueueing(cluster);
  try {
    return { runs: await present(notices, "run"), workers: await present(notices, "worker") };
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
