import { documentKey, pieceKey, resultsOf } from "./keys.ts";
import { isToken } from "./preflight.ts";
import { placesIn } from "./shipment.ts";
import type { Entry, Store } from "./store/store.ts";

export interface Garbage {
  /** Digests of jobs whose parts stay, however old: of a run that is to go on from where it stands. */
  readonly keep: readonly string[];
  /** What was written later stays: it may belong to a run that is on. */
  readonly olderThan: Date;
}

export interface Collected {
  readonly pieces: number;
  readonly bytes: number;
  /** What killed writers had left. */
  readonly unfinished: number;
}

/**
 * Removes jobs of which no part was written since, but those to keep, and arrays and other pieces that are as old and
 * that no remaining job names. A run that is on must not be older than `olderThan`: it reuses arrays that it wrote first.
 * @throws ProRecError UNREADABLE_FILE, UNWRITABLE_FILE; what was removed until then is whole jobs or unused arrays
 */
export async function collectGarbage(store: Store, { keep, olderThan }: Garbage): Promise<Collected> {
  const entries = await store.entries("");
  const jobs = new Set(keep);
  for (const { key, written } of entries) {
    const job = jobOf(key);
    if (job !== undefined && written >= olderThan) jobs.add(job);
  }
  const named = new Set<string>();
  const present = new Set(entries.map(({ key }) => key));
  for (const job of jobs) {
    const document = documentKey(job);
    if (!present.has(document)) continue;
    for (const piece of piecesNamedBy(await store.get(document))) named.add(pieceKey(piece));
  }
  const isGarbage = ({ key, written }: Entry) => {
    if (isToken(key)) return false; // small, and of a worker that may be there for months
    const job = jobOf(key);
    return job === undefined ? written < olderThan && !named.has(key) : !jobs.has(job);
  };
  const garbage = entries.filter(isGarbage);
  // Cut short, it leaves no document whose results or arrays are gone.
  const order = ({ key }: Entry) => (jobOf(key) === undefined ? 2 : key.endsWith(".json") ? 0 : 1);
  for (const { key } of garbage.sort((left, right) => order(left) - order(right))) await store.remove(key);
  return {
    pieces: garbage.length,
    bytes: garbage.reduce((sum, { bytes }) => sum + bytes, 0),
    unfinished: await store.removeUnfinished(olderThan),
  };
}

/** The digest of the job that a key is part of. */
function jobOf(key: string): string | undefined {
  const [, job, part] = key.split("/");
  if (job === undefined || part === undefined) return undefined;
  return documentKey(job) === key || key.startsWith(resultsOf(job)) ? job : undefined;
}

/** A damaged document names none: a run puts it there anew, with its arrays. */
function piecesNamedBy(document: Uint8Array): string[] {
  try {
    return placesIn(Buffer.from(document).toString()).flatMap(({ pieces }) => pieces);
  } catch {
    return [];
  }
}
