import { randomUUID } from "node:crypto";
import { type BigIntStats, close, fsync, openSync, unlinkSync, write } from "node:fs";
import { open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { ProRecError } from "../errors.ts";
import { printablePath } from "./printable.ts";

/** Where bytes go. Await each `write` before the next; after an error nothing is left to clean up. */
export interface Output {
  /** What messages call it. */
  readonly name: string;
  write(bytes: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  abandon(): Promise<void>;
}

/** A file that appears whole under its name on `commit` or not at all. */
export interface AtomicFile extends Output {
  readonly path: string;
}

const temporaryFiles = new Set<string>();
const writeAt = promisify(write);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

/** Makes `path` known to `removeTemporaryFiles` until `forgetTemporaryFile`. */
export function rememberTemporaryFile(path: string): void {
  temporaryFiles.add(path);
}

export function forgetTemporaryFile(path: string): void {
  temporaryFiles.delete(path);
}

/** Unlinks every temporary file that is still open. Synchronous: for signal handlers and process exit. */
export function removeTemporaryFiles(): void {
  for (const path of temporaryFiles) {
    try {
      unlinkSync(path);
    } catch {
      // It was never made or is already gone.
    }
  }
  temporaryFiles.clear();
}

/**
 * Opens a hidden temporary file beside `path`. `commit` flushes it to disk and renames it to `path` (a symbolic
 * link is followed: its target is replaced); `abandon` removes it; so does any write error.
 * @throws ProRecError UNWRITABLE_FILE, here and from its methods: no such folder, no permission, disk full, not a file.
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  const target = await replaceable(path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target).slice(0, 60)}.${randomUUID().slice(0, 8)}.tmp`);
  rememberTemporaryFile(temporary);
  let file: number;
  try {
    file = openSync(temporary, "wx"); // in one step: a signal can't come between making it and knowing it
  } catch (error) {
    forgetTemporaryFile(temporary);
    throw unwritable(path, error);
  }
  let open = true;

  const abandon = async () => {
    if (!open) return;
    open = false;
    await closeFile(file).catch(() => {});
    await unlink(temporary).catch(() => {});
    forgetTemporaryFile(temporary);
  };
  const orAbandon = async (work: () => Promise<void>) => {
    if (!open) throw new TypeError(`${path} is no longer open.`);
    try {
      await work();
    } catch (error) {
      await abandon();
      throw unwritable(path, error);
    }
  };
  return {
    name: path,
    path,
    write: (bytes) =>
      orAbandon(async () => {
        for (let done = 0; done < bytes.length; ) {
          done += (await writeAt(file, bytes, done, bytes.length - done)).bytesWritten;
        }
      }),
    async commit() {
      await orAbandon(async () => {
        await syncFile(file);
        await rename(temporary, target);
      });
      open = false;
      forgetTemporaryFile(temporary);
      await closeFile(file);
      await syncFolder(folder);
    },
    abandon,
  };
}

/** Writes a small file in one go, atomically. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const file = await createAtomicFile(path);
  await file.write(typeof content === "string" ? Buffer.from(content) : content);
  await file.commit();
}

/**
 * Refuses an output that is one of the inputs under any name: the same path, a symbolic or a hard link.
 * @throws ProRecError UNWRITABLE_FILE
 */
export async function assertNotInput(output: string, inputs: readonly string[]): Promise<void> {
  const target = await identity(output);
  if (target === undefined) return;
  for (const input of inputs) {
    if ((await identity(input)) !== target) continue;
    throw new ProRecError(
      "UNWRITABLE_FILE",
      `The output ${printablePath(output)} is the input ${printablePath(input)}; inputs are never overwritten.`,
      { details: { file: output }, hint: "Give the output another name." },
    );
  }
}

/** Wraps what the system said about writing to `path`. */
export function unwritable(path: string, error: unknown): ProRecError {
  if (error instanceof ProRecError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const [reason, hint] = REASONS[code] ?? [error instanceof Error ? error.message : String(error), undefined];
  return new ProRecError("UNWRITABLE_FILE", `Can't write ${printablePath(path)}: ${reason}.`, {
    details: { file: path, system: code },
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ["the disk is full", "Free some space or write to another disk; no partial file was left."],
  EDQUOT: [
    "the disk quota is used up",
    "Free some space or write to another disk; no partial file was left.",
  ],
  EFBIG: ["the file would become too large", "Write to another file system; no partial file was left."],
  EACCES: ["permission denied", "Choose a folder that you may write to."],
  EPERM: ["the operation is not permitted", "Choose a folder that you may write to."],
  EROFS: ["the file system is read-only", "Choose a folder that you may write to."],
  ENOENT: ["the folder does not exist", "Make the folder first."],
  ENOTDIR: ["a part of the path is not a folder", "Check the path."],
  EISDIR: ["it is a folder", "Give a file's name."],
  ENAMETOOLONG: ["the name is too long", "Give a shorter name."],
};

/** The real path that a rename may replace: nothing yet, or a regular file. */
async function replaceable(path: string): Promise<string> {
  let target: string;
  try {
    target = await realpath(path);
  } catch {
    return path;
  }
  const status = await stat(target).catch((error) => {
    throw unwritable(path, error);
  });
  if (status.isFile()) return target;
  throw new ProRecError(
    "UNWRITABLE_FILE",
    `Can't write ${printablePath(path)}: it is ${status.isDirectory() ? "a folder" : "not a regular file"}.`,
    { details: { file: path }, hint: "Give a file's name." },
  );
}

async function identity(path: string): Promise<string | undefined> {
  const status: BigIntStats | undefined = await stat(path, { bigint: true }).catch(() => undefined);
  return status && `${status.dev}:${status.ino}`;
}

/** Makes the rename itself durable, where the system lets folders be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
