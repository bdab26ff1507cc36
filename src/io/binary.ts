import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ProRecError } from "../errors.ts";
import { throwIfAborted } from "../progress.ts";
import { unreadable } from "./bytes.ts";
import { printablePath } from "./printable.ts";

/** Bytes moved at a time: large enough to be fast, a multiple of every number's width. */
export const CHUNK_BYTES = 1 << 22;

/** A regular file opened for reading at any place. */
export interface BinaryFile {
  /** What messages call it. */
  readonly name: string;
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Changes when the file is written to. */
  version(): Promise<string>;
  /** Fills `bytes` from `position` on. @throws ProRecError CORRUPT_FILE if the file ends before that. */
  read(position: number, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** @throws ProRecError UNREADABLE_FILE */
export async function openBinaryFile(path: string, name = path): Promise<BinaryFile> {
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
  path: string,
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

/** The bytes behind a typed array, some at a time. Files hold them little-endian, as every machine that Node runs on does. */
export function* byteChunks({ buffer, byteOffset, byteLength }: ArrayBufferView): Generator<Uint8Array> {
  for (let done = 0; done < byteLength; done += CHUNK_BYTES) {
    yield new Uint8Array(buffer, byteOffset + done, Math.min(CHUNK_BYTES, byteLength - done));
  }
}

/** An error for a file whose bytes are not what its format asks for; `what` completes the sentence. */
export function corrupt(name: string, what: string, cause?: unknown): ProRecError {
  return new ProRecError("CORRUPT_FILE", `${printablePath(name)} is damaged: ${what}.`, {
    details: { file: name },
    hint: "Write or copy the file again.",
    cause,
  });
}
