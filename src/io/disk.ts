import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { throwIfAborted } from "../progress.ts";
import { type BinaryFile, CHUNK_BYTES, corrupt, unreadable } from "./binary.ts";

/** Where a file is: its path; in a browser the file itself. */
export type Place = string;

const CHUNK = 256 * 1024;

/** A file's size, and a text that changes when it is written to. */
export async function statusOf(path: Place): Promise<{ readonly size: number; readonly version: string }> {
  const { size, mtimeMs, ino } = await stat(path);
  return { size, version: `${ino}/${size}/${mtimeMs}` };
}

/** SHA-256 of what it is given, in hexadecimal. */
export function newDigest(): { update(bytes: Uint8Array): void; hex(): string } {
  const hash = createHash("sha256");
  return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
}

/** One pass over a file's bytes as they are stored. */
export async function* storedBytes(path: Place, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK });
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** @throws ProRecError UNREADABLE_FILE */
export async function openBinaryFile(path: Place, name = path): Promise<BinaryFile> {
  const handle = await open(path, "r").catch((error) => {
    throw unreadable(name, error);
  });
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw unreadable(name, new Error("it is not a regular file"));
  }
  return {
    name,
    size: status.size,
    async version() {
      const { size, mtimeNs, ino } = await handle.stat({ bigint: true });
      return `${ino}/${size}/${mtimeNs}`;
    },
    async read(position, bytes) {
      for (let done = 0; done < bytes.length; ) {
        const length = Math.min(bytes.length - done, CHUNK_BYTES);
        const { bytesRead } = await handle.read(bytes, done, length, position + done).catch((error) => {
          throw unreadable(name, error);
        });
        if (bytesRead === 0) throw corrupt(name, `it ends before byte ${position + bytes.length}`);
        done += bytesRead;
      }
    },
    close: () => handle.close(),
  };
}

/** Opens a file, hands it to `use` and closes it. */
export async function withBinaryFile<T>(
  path: Place,
  use: (file: BinaryFile) => Promise<T>,
  name = path,
): Promise<T> {
  const file = await openBinaryFile(path, name);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** SHA-256 of the file's first `end` bytes. */
export async function sha256(file: BinaryFile, end: number, signal?: AbortSignal): Promise<Buffer> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, end));
  for (let position = 0; position < end; position += buffer.length) {
    throwIfAborted(signal);
    const bytes = buffer.subarray(0, Math.min(buffer.length, end - position));
    await file.read(position, bytes);
    hash.update(bytes);
  }
  return hash.digest();
}

/** SHA-256 of the whole file, in hexadecimal. */
export async function digestOf(file: BinaryFile, signal?: AbortSignal): Promise<string> {
  return (await sha256(file, file.size, signal)).toString("hex");
}
