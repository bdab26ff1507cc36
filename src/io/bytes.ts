import { createReadStream } from "node:fs";
import { ProRecError } from "../errors.ts";
import { type Compression, decompressed } from "./compression.ts";
import { printablePath } from "./printable.ts";

const CHUNK = 256 * 1024;

/** No log is so many times larger than its compressed file, but a file made to fill memory is. */
const LARGEST_EXPANSION = 200;
/** Decompressed bytes that are read whatever their expansion. */
const HARMLESS = 2 ** 28;

/** A file on disk as a source reads it. `name` is what messages call it: standard input is spooled to some path. */
export interface InputFile {
  readonly path: string;
  readonly name: string;
  readonly compression?: Compression | undefined;
}

/**
 * One pass over a file's bytes, decompressed (all members or frames). `onRaw` sees the bytes as they are on disk.
 * @throws ProRecError UNREADABLE_FILE; CORRUPT_FILE for what is cut or damaged; TOO_LARGE for what expands beyond
 * reason; UNSUPPORTED_FORMAT for zstd on an older Node.
 */
export function readBytes(file: InputFile, onRaw: (raw: Buffer) => void = () => {}): AsyncGenerator<Buffer> {
  return file.compression ? readCompressed(file, file.compression, onRaw) : readRaw(file, onRaw);
}

async function* readRaw(file: InputFile, onRaw: (raw: Buffer) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file.path, { highWaterMark: CHUNK })) {
      onRaw(chunk);
      yield chunk;
    }
  } catch (error) {
    throw unreadable(file.name, error);
  }
}

async function* readCompressed(
  file: InputFile,
  compression: Compression,
  onRaw: (raw: Buffer) => void,
): AsyncGenerator<Buffer> {
  let stored = 0;
  let size = 0;
  const raw = readRaw(file, (bytes) => {
    stored += bytes.length;
    onRaw(bytes);
  });
  try {
    for await (const chunk of decompressed(compression, raw, file.name)) {
      size += chunk.length;
      if (size > HARMLESS && size > LARGEST_EXPANSION * stored) throw expanding(file.name);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ProRecError) throw error;
    const truncated = (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
    throw corrupt(file.name, compression, truncated ? "it ends too early" : (error as Error).message, error);
  }
}

function corrupt(name: string, compression: Compression, reason: string, cause: unknown): ProRecError {
  return new ProRecError("CORRUPT_FILE", `${printablePath(name)} is damaged ${compression}: ${reason}.`, {
    details: { file: name },
    hint: "Fetch or compress the file again.",
    cause,
  });
}

function expanding(name: string): ProRecError {
  return new ProRecError(
    "TOO_LARGE",
    `${printablePath(name)} grows to over ${LARGEST_EXPANSION} times its size when it is decompressed, as no log does.`,
    { details: { file: name }, hint: "If it is what you mean to read, decompress it first." },
  );
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
