import { ProRecError } from "../errors.ts";
import { printablePath } from "./printable.ts";

/** How the files that ProRec saves begin. */
export const MAGIC = "PRORECB1";

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

/** Wraps what the system said about reading `name`. */
export function unreadable(name: string, error: unknown): ProRecError {
  if (error instanceof ProRecError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new ProRecError("UNREADABLE_FILE", `Can't read ${printablePath(name)}: ${reason}.`, {
    details: { file: name, system: code },
    hint: "Check the path and its permissions.",
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "the operation is not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
};
