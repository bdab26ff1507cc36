import { once } from "node:events";
import type { Output } from "./atomic.ts";
import { type Compression, compressor } from "./compression.ts";

/**
 * Compresses what is written, on its way to `output`. The same bytes in give the same bytes out.
 * @throws ProRecError UNSUPPORTED_FORMAT for zstd on an older Node
 */
export function compressedOutput(output: Output, compression: Compression): Output {
  const stream = compressor(compression, output.name);
  const pumped = (async () => {
    for await (const chunk of stream) await output.write(chunk);
  })();
  pumped.catch(() => {}); // write and commit meet the same error
  return {
    name: output.name,
    async write(bytes) {
      if (stream.write(bytes) !== true) await Promise.race([once(stream, "drain"), pumped]);
    },
    async commit() {
      stream.end();
      await pumped;
      await output.commit();
    },
    async abandon() {
      stream.destroy();
      await pumped.catch(() => {});
      await output.abandon();
    },
  };
}
