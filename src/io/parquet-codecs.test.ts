import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { CompressionCodec } from "hyparquet";
import { describe, expect, it } from "vitest";
import { decompress } from "./parquet-codecs.ts";

const text = Buffer.from("click ".repeat(500));

describe("decompress", () => {
  it.each<[CompressionCodec, Uint8Array]>([
    ["UNCOMPRESSED", text],
    ["GZIP", gzipSync(text)],
    ["GZIP", deflateSync(text)],
    ["GZIP", Buffer.concat([gzipSync(text.subarray(0, 99)), gzipSync(text.subarray(99))])],
    ["BROTLI", brotliCompressSync(text)],
  ])("gives what %s holds, in a buffer of its own", (codec, bytes) => {
    const page = decompress(codec, bytes, text.length);
    expect(Buffer.compare(page, text)).toBe(0);
    expect(page.buffer.byteLength).toBe(text.length);
    expect(() => decompress(codec, bytes, text.length - 1)).toThrow();
    expect(() => decompress(codec, bytes, text.length + 1)).toThrow();
  });

  it.each<CompressionCodec>(["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4", "LZ4_RAW"])(
    "takes no memory for a size that %s can't reach",
    (codec) => {
      expect(() => decompress(codec, text.subarray(0, 20), 2 ** 30)).toThrow(/can't hold/);
    },
  );

  it("refuses Snappy whose own size is another one", () => {
    expect(() => decompress("SNAPPY", Uint8Array.of(200, 1, 4, 65, 66), 2)).toThrow(/two sizes/);
  });
});
