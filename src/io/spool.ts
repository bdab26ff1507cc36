import { randomUUID } from "node:crypto";
import { createWriteStream, openSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ProRecError } from "../errors.ts";
import { throwIfAborted } from "../progress.ts";
import { forgetTemporaryFile, rememberTemporaryFile, unwritable } from "./atomic.ts";
import { unreadable } from "./binary.ts";

/** A temporary copy of what a pipe gave. */
export interface Spool {
  readonly path: string;
  remove(): Promise<void>;
}

/** Copies a pipe to a temporary file that only its owner can read. */
export async function spool(pipe: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Spool> {
  const path = join(tmpdir(), `prorec-${randomUUID()}.tmp`);
  const remove = async () => {
    await unlink(path).catch(() => {});
    forgetTemporaryFile(path);
  };
  rememberTemporaryFile(path);
  try {
    const file = createWriteStream(path, { fd: openSync(path, "wx", 0o600) });
    await pipeline(pipe, file, signal ? { signal } : {});
  } catch (error) {
    await remove();
    throwIfAborted(signal);
    const { syscall } = error as NodeJS.ErrnoException;
    throw syscall === "read" ? unreadable("standard input", error) : unspoolable(path, error);
  }
  return { path, remove };
}

function unspoolable(path: string, error: unknown): ProRecError {
  const { code, message, details } = unwritable(path, error);
  const hint = "What can be read only once is copied there first: set TMPDIR to a folder with more space.";
  return new ProRecError(code, message, { details, hint, cause: error });
}
