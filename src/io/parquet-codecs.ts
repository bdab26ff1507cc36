import zlib from "node:zlib";
import type { CompressionCodec } from "hyparquet";
import { compressors, decompressZstd } from "hyparquet-compressors";
import { unsignedAt } from "./varint.ts";

type Decompress = (bytes: Uint8Array, size: number) => Uint8Array;

/** What Node's own zlib has from 22.15 on; the types are those of Node 20. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: typeof zlib.gunzipSync };

const CODECS: { readonly [codec in CompressionCodec]?: Decompress } = {
  UNCOMPRESSED: (bytes) => bytes,
  SNAPPY: (bytes, size) => {
    if (unsignedAt(bytes, 0).value !== size) throw new RangeError("two sizes of a page differ");
    return compressors.SNAPPY!(bytes, size);
  },
  GZIP: (bytes, size) => zlib.unzipSync(bytes, { maxOutputLength: Math.max(1, size) }),
  BROTLI: (bytes, size) => zlib.brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, size) }),
  ZSTD: (bytes, size) =>
    zstdDecompressSync?.(bytes, { maxOutputLength: Math.max(1, size) }) ??
    decompressZstd(bytes, new Uint8Array(size)),
  LZ4: compressors.LZ4!,
  LZ4_RAW: compressors.LZ4_RAW!,
};

/** How many times larger than its input each codec's output can be at most, where that is bounded. */
const LARGEST_EXPANSION: { readonly [codec in CompressionCodec]?: number } = {
  UNCOMPRESSED: 1,
  SNAPPY: 22,
  GZIP: 1032,
  LZ4: 255,
  LZ4_RAW: 255,
  ZSTD: 1 << 16,
};

export function isKnownCodec(codec: CompressionCodec): boolean {
  return Object.hasOwn(CODECS, codec);
}

/**
 * The `size` bytes that `bytes` hold, in a buffer of their own. A size that the codec can't reach is refused before
 * memory is taken for it.
 * @throws RangeError, or what the codec throws
 */
export function decompress(codec: CompressionCodec, bytes: Uint8Array, size: number): Uint8Array {
  if (size > bytes.length * (LARGEST_EXPANSION[codec] ?? Infinity)) {
    throw new RangeError(`${bytes.length} bytes can't hold the ${size} that are announced`);
  }
  const page = CODECS[codec]!(bytes, size);
  if (page.length !== size) throw new RangeError(`a page has ${page.length} bytes instead of ${size}`);
  return page.buffer.byteLength === size ? page : new Uint8Array(page);
}
