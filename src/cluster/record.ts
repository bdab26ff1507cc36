import { ProRecError } from "../errors.ts";
import type { Identity } from "../io/identity.ts";
import { printablePath } from "../io/printable.ts";
import type { Reason } from "./failure.ts";
import type { Entry, Store } from "./store/store.ts";
import type { RunNews } from "./tally.ts";
import { seal, unseal } from "./values.ts";

/** What a store keeps of a run: all that it takes to go on with it, and how it ended; no address or password. */
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
  /** Missing while it is on, and where its process was ended. */
  readonly end?: RunEnd;
}

export interface RunEnd extends Pick<RunNews, "blocks" | "stages"> {
  readonly state: "done" | "failed" | "cancelled";
  readonly at: string;
  /** Whether there is nothing to go on with: it is done, or would fail again. */
  readonly final: boolean;
  readonly failure?: Reason;
}

/** Records, the oldest run first, and those that can't be read. */
export interface Records {
  readonly records: readonly RunRecord[];
  readonly damaged: readonly { readonly id: string; readonly error: ProRecError }[];
}

const RECORDS = "runs/";

export async function saveRecord(store: Store, record: RunRecord): Promise<void> {
  const key = `${RECORDS}${record.id}`;
  await store.put(key, seal(key, Buffer.from(JSON.stringify(record))));
}

/** Reads a store's records, each again only when it has changed since the last time. */
export function recordReader(store: Store): () => Promise<Records> {
  let known = new Map<string, Promise<RunRecord | ProRecError | undefined>>();
  return async () => {
    const entries = await store.entries(RECORDS);
    const next = new Map(
      entries.map(({ key, bytes, written }) => {
        const version = `${key} ${bytes} ${written.getTime()}`;
        return [version, known.get(version) ?? read(store, key)];
      }),
    );
    const found = await Promise.all(next.values());
    known = next;
    const records: RunRecord[] = [];
    const damaged: { id: string; error: ProRecError }[] = [];
    for (const [index, each] of found.entries()) {
      if (each instanceof ProRecError) damaged.push({ id: idOf(entries[index]!), error: each });
      else if (each !== undefined) records.push(each);
    }
    return { records: records.sort((left, right) => (left.since < right.since ? -1 : 1)), damaged };
  };
}

/** @throws ProRecError UNUSABLE_CLUSTER naming the runs that can go on; CORRUPT_FILE if this one's record is damaged */
export async function recordOf(store: Store, id: string): Promise<RunRecord> {
  const { records, damaged } = await recordReader(store)();
  const damage = damaged.find((each) => each.id === id);
  if (damage !== undefined) throw damage.error;
  const unfinished = records.filter(({ end }) => !end?.final);
  const record = unfinished.find((each) => each.id === id);
  if (record !== undefined) return record;
  const ids = unfinished.map((each) => each.id).join(", ");
  throw new ProRecError("UNUSABLE_CLUSTER", `The store ${store.location} has no unfinished run ${id}.`, {
    hint: ids === "" ? "It has none at all." : `It has ${ids}.`,
  });
}

function idOf({ key }: Entry): string {
  return key.slice(RECORDS.length);
}

/** A record, what is wrong with it, or undefined if it was removed meanwhile. */
async function read(store: Store, key: string): Promise<RunRecord | ProRecError | undefined> {
  const sealed = await store.get(key).catch((error) => {
    if (!(error instanceof ProRecError && error.code === "UNREADABLE_FILE")) throw error;
  });
  if (sealed === undefined) return undefined;
  const bytes = unseal(key, sealed);
  if (bytes) return JSON.parse(Buffer.from(bytes).toString());
  const { location } = store;
  return new ProRecError(
    "CORRUPT_FILE",
    `${key} in the store ${printablePath(location)} is damaged or was altered.`,
    {
      details: { key, location },
      hint: "Remove it, and start that run's command again: it takes every block that is done.",
    },
  );
}
