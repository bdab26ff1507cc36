import { isAscii } from "node:buffer";
import zlib from "node:zlib";
import { decompressZstd } from "hyparquet-compressors";

export { crc32 } from "node:zlib";
export { isAscii };

/** What Node's own zlib has from 22.15 on; the types are those of Node 20. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: typeof zlib.gunzipSync };

const atMost = (size: number) => ({ maxOutputLength: Math.max(1, size) });

export function unGzip(bytes: Uint8Array, size: number): Uint8Array {
  return zlib.unzipSync(bytes, atMost(size));
}

export function unBrotli(bytes: Uint8Array, size: number): Uint8Array {
  return zlib.brotliDecompressSync(bytes, atMost(size));
}

export function unZstd(bytes: Uint8Array, size: number): Uint8Array {
  return zstdDecompressSync?.(bytes, atMost(size)) ?? decompressZstd(bytes, new Uint8Array(size));
}

/** The text of ASCII bytes. */
export function asciiText({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
