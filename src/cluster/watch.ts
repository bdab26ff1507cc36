import { setTimeout as pause } from "node:timers/promises";
import { ProRecError } from "../errors.ts";
import { attendance } from "./presence.ts";
import { openQueueing } from "./queueing.ts";
import { type Records, recordReader } from "./record.ts";
import { type RunStatus, type Status, statusOf } from "./status.ts";
import { openStore } from "./store/store.ts";

/** The runs of a cluster, and of a store, as often as one looks. */
export interface Watch {
  /** Both places for people, without user and password. */
  readonly cluster: string;
  readonly store: string | null;
  /** @throws ProRecError UNUSABLE_CLUSTER after some seconds without an answer; UNREADABLE_FILE */
  look(): Promise<Status>;
  close(): Promise<void>;
}

/** Milliseconds to wait for an answer of a server that is being restarted. */
const PATIENCE = 5000;
const NONE: Records = { records: [], damaged: [] };

/** @param place the store; without one only runs that are on are seen @throws ProRecError UNUSABLE_CLUSTER */
export async function openWatch(cluster: string, place?: string): Promise<Watch> {
  const store = place === undefined ? undefined : await openStore(place);
  const records = store && recordReader(store);
  const { notices, close, address } = await openQueueing(cluster);
  const look = async () => statusOf(await attendance(notices), await (records?.() ?? NONE));
  return {
    ...{ cluster: address, store: store?.location ?? null, close },
    look: () => Promise.race([look(), silence(address)]),
  };
}

async function silence(address: string): Promise<never> {
  await pause(PATIENCE, undefined, { ref: false });
  throw new ProRecError("UNUSABLE_CLUSTER", `The cluster at ${address} does not answer.`, {
    hint: "What is shown was so before; it goes on by itself when the server is back.",
  });
}

/** @throws ProRecError UNUSABLE_CLUSTER, also if there is no such run; CORRUPT_FILE if its record is damaged */
export async function runNamed(
  watch: Watch,
  id: string,
): Promise<{ run: RunStatus; workers: Status["workers"] }> {
  const { runs, workers } = await watch.look();
  const run = runs.find((each) => each.id === id);
  if (run?.state === "damaged") {
    const { message, hint = "" } = run.failure!;
    throw new ProRecError("CORRUPT_FILE", message, { hint });
  }
  if (run !== undefined) return { run, workers };
  const place = watch.store === null ? "" : ` or in the store ${watch.store}`;
  throw new ProRecError("UNUSABLE_CLUSTER", `There is no run ${id} at ${watch.cluster}${place}.`, {
    hint:
      watch.store === null
        ? "--store PLACE shows those that have ended, too."
        : "prorec runs list has them all.",
  });
}
