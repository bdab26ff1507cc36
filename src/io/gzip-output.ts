import { once } from "node:events";
import { createGzip } from "node:zlib";
import type { Output } from "./atomic.ts";

/** Compresses what is written, on its way to `output`. The same bytes in give the same bytes out. */
export function gzipOutput(output: Output): Output {
  const gzip = createGzip();
  const pumped = (async () => {
    for await (const chunk of gzip) await output.write(chunk);
  })();
  pumped.catch(() => {}); // write and commit meet the same error
  return {
    name: output.name,
    async write(bytes) {
      if (gzip.write(bytes) !== true) await Promise.race([once(gzip, "drain"), pumped]);
    },
    async commit() {
      gzip.end();
      await pumped;
      await output.commit();
    },
    async abandon() {
      gzip.destroy();
      await pumped.catch(() => {});
      await output.abandon();
    },
  };
}
