import { mkdirSync } from "node:fs";
import { realpath, rename, rm, rmdir } from "node:fs/promises";
import { throwIfAborted } from "../progress.ts";
import {
  type AtomicFile,
  forgetTemporaryFile,
  rememberTemporaryFile,
  stageFile,
  temporaryName,
  unwritable,
} from "./atomic.ts";

/** Makes the outputs of one piece of work. */
export interface Outputs {
  /** A file. Its `commit` makes it whole, not yet visible. */
  file(path: string): Promise<AtomicFile>;
  /** The path of a temporary folder that will stand at `path`, where there is none or an empty one. */
  folder(path: string): Promise<string>;
}

/**
 * Runs `work` and then gives its outputs their names; if it fails or `signal` fires before that, none of them is left.
 * @throws ProRecError UNWRITABLE_FILE, ABORTED and what `work` throws
 */
export async function together<T>(
  work: (outputs: Outputs) => Promise<T>,
  signal?: AbortSignal | undefined,
): Promise<T> {
  const staged: { publish(): Promise<void>; abandon(): Promise<void> }[] = [];
  try {
    const result = await work({
      async file(path) {
        const { finish, ...file } = await stageFile(path);
        staged.push(file);
        return { ...file, commit: finish };
      },
      async folder(path) {
        const folder = await stageFolder(path);
        staged.push(folder);
        return folder.temporary;
      },
    });
    throwIfAborted(signal);
    for (const { publish } of staged) await publish();
    return result;
  } catch (error) {
    for (const { abandon } of staged) await abandon();
    throw error;
  }
}

async function stageFolder(path: string) {
  const target = await realpath(path).catch(() => path);
  const temporary = temporaryName(target);
  rememberTemporaryFile(temporary);
  try {
    mkdirSync(temporary);
  } catch (error) {
    forgetTemporaryFile(temporary);
    throw unwritable(path, error);
  }
  return {
    temporary,
    async publish() {
      try {
        await rmdir(target).catch(() => {}); // Windows renames onto nothing
        await rename(temporary, target);
      } catch (error) {
        throw unwritable(path, error);
      }
      forgetTemporaryFile(temporary);
    },
    async abandon() {
      await rm(temporary, { recursive: true, force: true });
      forgetTemporaryFile(temporary);
    },
  };
}
