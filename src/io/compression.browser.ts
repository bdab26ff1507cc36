import { ProRecError } from "../errors.ts";
import type { Compression } from "./compression.ts";
import { printablePath } from "./printable.ts";

/** Told by a file's first four bytes. */
export function compressionOf([a, b, c, d]: Uint8Array): Compression | undefined {
  if (a === 0x1f && b === 0x8b) return "gzip";
  return a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd ? "zstd" : undefined;
}

/** The bytes that `raw` holds. @throws ProRecError UNSUPPORTED_FORMAT for zstd; Error for what is cut or damaged. */
export async function* decompressed(
  compression: Compression,
  raw: AsyncGenerator<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  assertSupported(compression, name);
  const stored = new ReadableStream<BufferSource>({
    async pull(controller) {
      const { done, value } = await raw.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
  });
  const reader = stored.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
    await raw.return(undefined);
  }
}

/** @throws ProRecError UNSUPPORTED_FORMAT for zstd, which browsers don't have */
export function assertSupported(compression: Compression | undefined, name: string): void {
  if (compression !== "zstd") return;
  throw new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(name)} is Zstandard, which a browser can't read or write.`,
    { details: { file: name }, hint: "Use gzip or Parquet." },
  );
}
