import { openFolder } from "./folder.ts";
import { openBucket } from "./s3.ts";

/**
 * Where a cluster keeps numbers: pieces of bytes by name, that every machine reads. A key is a path of plain names
 * (`assertKey`, which all methods call), and none goes on where another ends (`a` and `a/b`). What can't be read or written is a ProRecError, UNREADABLE_FILE or
 * UNWRITABLE_FILE, that names place and reason.
 */
export interface Store {
  /** For people; without credentials. */
  readonly location: string;
  /** Whole or not at all, also after a crash; the last of several under one key stays. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes, alone in their ArrayBuffer. @throws ProRecError UNREADABLE_FILE where there are none */
  get(key: string): Promise<Uint8Array>;
  has(key: string): Promise<boolean>;
  /** The keys that begin with `prefix`, sorted; "" lists all. */
  list(prefix: string): Promise<string[]>;
  /** The same keys with their sizes and ages. */
  entries(prefix: string): Promise<Entry[]>;
  /** Does nothing where there is nothing. */
  remove(key: string): Promise<void>;
  /** Removes what killed writers left unfinished before `time`; returns how many pieces that were. */
  removeUnfinished(time: Date): Promise<number>;
}

export interface Entry {
  readonly key: string;
  readonly bytes: number;
  readonly written: Date;
}

/**
 * Opens a folder that is there, or `s3://bucket/prefix`.
 * @throws ProRecError UNUSABLE_CLUSTER if `where` is neither, has credentials in it or can't be opened
 */
export async function openStore(where: string): Promise<Store> {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(where) ? openBucket(where) : openFolder(where);
}
