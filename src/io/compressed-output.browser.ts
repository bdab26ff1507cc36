import type { Output } from "./atomic.ts";
import { assertSupported } from "./compression.browser.ts";
import type { Compression } from "./compression.ts";

/**
 * Compresses what is written, on its way to `output`.
 * @throws ProRecError UNSUPPORTED_FORMAT for zstd
 */
export function compressedOutput(output: Output, compression: Compression): Output {
  assertSupported(compression, output.name);
  const { readable, writable } = new CompressionStream("gzip");
  const writer = writable.getWriter();
  const pumped = readable.pipeTo(new WritableStream<Uint8Array>({ write: (bytes) => output.write(bytes) }));
  pumped.catch(() => {}); // write and commit meet the same error
  return {
    name: output.name,
    write: (bytes) => writer.write(bytes as Uint8Array<ArrayBuffer>),
    async commit() {
      await writer.close();
      await pumped;
      await output.commit();
    },
    async abandon() {
      await writer.abort().catch(() => {});
      await output.abandon();
    },
  };
}
