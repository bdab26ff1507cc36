import type { AtomicFile } from "../io/atomic.ts";

/** A file that is made in memory; `name`'s extension tells the format. */
export function blobFile(name: string): { readonly file: AtomicFile; blob(): Blob } {
  const parts: BlobPart[] = [];
  const file = {
    name,
    path: name,
    async write(bytes: Uint8Array) {
      parts.push(new Blob([new Uint8Array(bytes)])); // the browser may keep it on disk
    },
    async commit() {},
    async abandon() {
      parts.length = 0;
    },
  };
  return { file, blob: () => new Blob(parts) };
}

type BlobPart =
  NonNullable<ConstructorParameters<typeof Blob>[0]> extends Iterable<infer Part> ? Part : never;
