import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import { ProRecError } from "../errors.ts";
import { printablePath } from "./printable.ts";

/** How a text file is compressed. */
export type Compression = "gzip" | "zstd";

type Stream = Transform & { readonly bytesWritten: number };
type Codec = () => Stream;

const CHUNK = 256 * 1024;

/** What Node's zlib has from 22.15 on; the types are those of Node 20. */
const { createZstdCompress, createZstdDecompress } = zlib as {
  createZstdCompress?: Codec;
  createZstdDecompress?: Codec;
};

/** Told by a file's first four bytes. */
export function compressionOf(magic: Uint8Array): Compression | undefined {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return "gzip";
  return Buffer.from(magic).toString("hex") === "28b52ffd" ? "zstd" : undefined;
}

/** @throws ProRecError UNSUPPORTED_FORMAT for zstd on an older Node */
export function compressor(compression: Compression, name: string): Transform {
  return compression === "gzip" ? zlib.createGzip() : native(createZstdCompress, name);
}

/**
 * The bytes of all members or frames in `raw`, which is closed at the end.
 * @throws ProRecError UNSUPPORTED_FORMAT for zstd on an older Node; what `raw` and zlib throw; Error for bytes behind the end.
 */
export async function* decompressed(
  compression: Compression,
  raw: AsyncGenerator<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  try {
    if (compression === "gzip") yield* gunzipped(raw);
    else yield* unframed(raw, () => native(createZstdDecompress, name));
  } finally {
    await raw.return(undefined);
  }
}

async function* gunzipped(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = zlib.createGunzip({ chunkSize: CHUNK });
  let fed = 0;
  const counted = async function* () {
    for await (const chunk of raw) {
      fed += chunk.length;
      yield chunk;
    }
  };
  const feeding = pipeline(counted, gunzip);
  feeding.catch(() => {}); // the loop meets the same error
  for await (const chunk of gunzip) yield chunk;
  await feeding.catch(() => {});
  if (gunzip.bytesWritten !== fed) throw new Error("other bytes follow its end");
}

/** Node's zstd stream ends with a frame if that ends within what it was given; the rest goes to another stream. */
async function* unframed(raw: AsyncGenerator<Buffer>, open: () => Stream): AsyncGenerator<Buffer> {
  for (let rest = (await raw.next()).value as Buffer | undefined; rest; ) {
    const stream = open();
    const feeding = feed(stream, rest, raw);
    feeding.catch((error) => stream.destroy(error));
    for await (const chunk of stream) yield chunk;
    rest = await feeding;
  }
}

/** Writes `first` and more of `raw` until the stream takes no more; gives what it left. */
async function feed(stream: Stream, first: Buffer, raw: AsyncGenerator<Buffer>): Promise<Buffer | undefined> {
  for (let chunk: Buffer | undefined = first; chunk; chunk = (await raw.next()).value) {
    const before = stream.bytesWritten;
    await new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
    const taken = stream.bytesWritten - before;
    if (taken === 0) throw new Error("other bytes follow its end");
    if (taken < chunk.length) return chunk.subarray(taken);
  }
  stream.end();
  return undefined;
}

/** @throws ProRecError UNSUPPORTED_FORMAT for zstd on an older Node */
export function assertSupported(compression: Compression | undefined, name: string): void {
  if (compression === "zstd") native(createZstdCompress, name).destroy();
}

function native(codec: Codec | undefined, name: string): Stream {
  if (codec) return codec();
  throw new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(name)} is Zstandard, which needs Node 22.15 or newer; this is Node ${process.versions.node}.`,
    { details: { file: name }, hint: "Use gzip or Parquet, or another Node." },
  );
}
