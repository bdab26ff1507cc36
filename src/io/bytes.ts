import { gunzipped, type Place, storedBytes } from "./disk.ts";

/** A file as a source reads it. `name` is what messages call it: standard input is spooled to some path. */
export interface InputFile {
  readonly path: Place;
  readonly name: string;
  readonly gzip: boolean;
}

/**
 * One pass over a file's bytes, gunzipped (all members) if it is gzip. `onRaw` sees the bytes as they are stored.
 * @throws ProRecError UNREADABLE_FILE; CORRUPT_FILE for truncated or damaged gzip.
 */
export function readBytes(file: InputFile, onRaw?: (raw: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  const stored = storedBytes(file.path, file.name);
  const raw = onRaw ? seenBy(onRaw, stored) : stored;
  return file.gzip ? gunzipped(file.name, raw) : raw;
}

async function* seenBy(
  onRaw: (raw: Uint8Array) => void,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onRaw(chunk);
    yield chunk;
  }
}
