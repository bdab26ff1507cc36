import { randomUUID } from "node:crypto";
import { type BigIntStats, close, constants, fsync, openSync, rmSync, write } from "node:fs";
import { access, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
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

/** A file under a temporary name. */
export interface StagedFile extends Omit<AtomicFile, "commit"> {
  /** Flushes it to disk: what can still fail after that is only the renaming. */
  finish(): Promise<void>;
  publish(): Promise<void>;
}

const temporaryFiles = new Set<string>();
const writeAt = promisify(write);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

/** Makes a file or folder known to `removeTemporaryFiles` until `forgetTemporaryFile`. */
export function rememberTemporaryFile(path: string): void {
  temporaryFiles.add(path);
}

export function forgetTemporaryFile(path: string): void {
  temporaryFiles.delete(path);
}

/** Removes every temporary file and folder that is still open. Synchronous: for signal handlers and process exit. */
export function removeTemporaryFiles(): void {
  for (const path of temporaryFiles) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // No permission any more; there is nobody left to tell.
    }
  }
  temporaryFiles.clear();
}

/** A hidden name beside `path`. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 60)}.${randomUUID().slice(0, 8)}.tmp`);
}

/**
 * Opens a hidden temporary file beside `path`. `commit` flushes it to disk and renames it to `path` (a symbolic
 * link is followed: its target is replaced); `abandon` removes it; so does any write error.
 * @throws ProRecError UNWRITABLE_FILE, here and from its methods: no such folder, no permission, disk full, not a file.
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  const { finish, publish, ...file } = await stageFile(path);
  return {
    ...file,
    async commit() {
      await finish();
      await publish();
    },
  };
}

/** `createAtomicFile` with its commit in two steps. */
export async function stageFile(path: string): Promise<StagedFile> {
  const target = await replaceable(path);
  const temporary = temporaryName(target);
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
    finish: () => orAbandon(() => syncFile(file)),
    async publish() {
      await orAbandon(() => rename(temporary, target));
      open = false;
      forgetTemporaryFile(temporary);
      await closeFile(file);
      await syncFolder(dirname(target));
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

/**
 * Checks, before any work, that every output can be written, is none of the inputs and no other output.
 * @throws ProRecError UNWRITABLE_FILE
 */
export async function assertOutputs(outputs: readonly string[], inputs: readonly string[]): Promise<void> {
  const taken = new Map<string, string>();
  for (const output of outputs) {
    await assertNotInput(output, inputs);
    const target = await writableTarget(output);
    const other = taken.get(target);
    if (other !== undefined) {
      throw new ProRecError(
        "UNWRITABLE_FILE",
        `The outputs ${printablePath(other)} and ${printablePath(output)} are the same file.`,
        { details: { file: output }, hint: "Give every output a name of its own." },
      );
    }
    taken.set(target, output);
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
  ENOSPC: ["the disk is full", "Free some space or write to another disk."],
  EDQUOT: ["the disk quota is used up", "Free some space or write to another disk."],
  EFBIG: ["the file would become too large", "Raise the limit (ulimit -f) or write to another file system."],
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

/** Where a file at `path` will stand, if its folder takes files. */
async function writableTarget(path: string): Promise<string> {
  const target = await replaceable(path);
  try {
    const folder = await realpath(dirname(target));
    await access(`${folder}${sep}`, constants.W_OK);
    return join(folder, basename(target));
  } catch (error) {
    throw unwritable(path, error);
  }
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
