import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ProRecError } from "../errors.ts";
import { printablePath } from "./printable.ts";

const CHUNK = 256 * 1024;

/** A file on disk as a source reads it. `name` is what messages call it: standard input is spooled to some path. */
export interface InputFile {
  readonly path: string;
  readonly name: string;
  readonly gzip: boolean;
}

/**
 * One pass over a file's bytes, gunzipped (all members) if it is gzip. `onRaw` sees the bytes as they are on disk.
 * @throws ProRecError UNREADABLE_FILE; CORRUPT_FILE for truncated or damaged gzip.
 */
export function readBytes(file: InputFile, onRaw: (raw: Buffer) => void = () => {}): AsyncGenerator<Buffer> {
  const raw = readRaw(file, onRaw);
  return file.gzip ? gunzipped(file, raw) : raw;
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

async function* gunzipped(file: InputFile, raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const feeding = pipeline(raw, gunzip);
  feeding.catch(() => {}); // the loop below meets the same error
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (error) {
    if (error instanceof ProRecError) throw error;
    const truncated = (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
    throw corruptGzip(file.name, truncated ? "it ends too early" : (error as Error).message, error);
  }
  await feeding.catch((error) => {
    throw corruptGzip(file.name, "other bytes follow its end", error);
  });
}

function corruptGzip(name: string, reason: string, cause: unknown): ProRecError {
  return new ProRecError("CORRUPT_FILE", `${printablePath(name)} is damaged gzip: ${reason}.`, {
    details: { file: name },
    hint: "Fetch or compress the file again.",
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
