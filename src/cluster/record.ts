import { ProRecError } from "../errors.ts";
import type { Identity } from "../io/identity.ts";
import type { Store } from "./store/store.ts";

/** What a store keeps of a run until it is finished: all that it takes to go on, and no address or password. */
export interface RunRecord {
  readonly id: string;
  readonly since: string;
  readonly host: string;
  /** The folder that paths are relative to. */
  readonly folder: string;
  readonly log: readonly string[];
  /** By their names in the command line's values. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What its bits depend on. */
  readonly identity: Identity;
}

const RECORDS = "runs/";

export async function saveRecord(store: Store, record: RunRecord): Promise<void> {
  await store.put(keyOf(record.id), Buffer.from(JSON.stringify(record)));
}

export async function removeRecord(store: Store, id: string): Promise<void> {
  await store.remove(keyOf(id));
}

/** The runs that are on and those that were interrupted, the oldest first. @throws ProRecError CORRUPT_FILE */
export async function recordsIn(store: Store): Promise<RunRecord[]> {
  const records = await Promise.all(
    (await store.list(RECORDS)).map(async (key) => recordFrom(key, await store.get(key), store)),
  );
  return records.sort((left, right) => (left.since < right.since ? -1 : 1));
}

/** @throws ProRecError UNUSABLE_CLUSTER naming the runs that there are */
export async function recordOf(store: Store, id: string): Promise<RunRecord> {
  const records = await recordsIn(store);
  const record = records.find((each) => each.id === id);
  if (record !== undefined) return record;
  const ids = records.map((each) => each.id).join(", ");
  throw new ProRecError("UNUSABLE_CLUSTER", `The store ${store.location} has no unfinished run ${id}.`, {
    hint: ids === "" ? "It has none at all; finished runs leave no record." : `It has ${ids}.`,
  });
}

function keyOf(id: string): string {
  return `${RECORDS}${id}.json`;
}

function recordFrom(key: string, bytes: Uint8Array, { location }: Store): RunRecord {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (cause) {
    throw new ProRecError("CORRUPT_FILE", `${key} in the store ${location} is damaged.`, {
      details: { key, location },
      hint: "Remove it, and start that run's command again: it takes every block that is done.",
      cause,
    });
  }
}
