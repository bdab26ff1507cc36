import type { Store } from "./store/store.ts";

/** What a process has read from a store and written to it. */
export interface Moved {
  bytesRead: number;
  bytesWritten: number;
}

/** What a worker has done since it started. */
export interface Work extends Moved {
  computed: number;
  /** Blocks whose results were in the store already. */
  there: number;
  /** Attempts that failed; a block is tried five times. */
  failed: number;
  /** Blocks that this worker found abandoned and put back. */
  stalled: number;
  /** Of all threads together, from taking a block to having written it. */
  seconds: number;
}

/** The store, its traffic added to `moved`. */
export function counted(store: Store, moved: Moved): Store {
  return {
    ...store,
    async put(key, bytes) {
      await store.put(key, bytes);
      moved.bytesWritten += bytes.length;
    },
    async get(key) {
      const bytes = await store.get(key);
      moved.bytesRead += bytes.length;
      return bytes;
    },
  };
}
