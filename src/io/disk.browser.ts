import { throwIfAborted } from "../progress.ts";
import { type BinaryFile, corrupt, unreadable } from "./binary.ts";

/** Where a file is: it itself. It can't change: reading one that did fails. */
export type Place = Blob;

export async function statusOf({
  size,
}: Place): Promise<{ readonly size: number; readonly version: string }> {
  return { size, version: "" };
}

/** Nothing needs the digest of what can't change. */
export function newDigest(): { update(bytes: Uint8Array): void; hex(): string } {
  return { update() {}, hex: () => "" };
}

export async function digestOf(_: BinaryFile, signal?: AbortSignal): Promise<string> {
  throwIfAborted(signal);
  return "";
}

export async function* storedBytes(file: Place, name: string): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

export async function openBinaryFile(file: Place, name: string): Promise<BinaryFile> {
  return {
    name,
    size: file.size,
    version: async () => "",
    async read(position, bytes) {
      if (position + bytes.length > file.size)
        throw corrupt(name, `it ends before byte ${position + bytes.length}`);
      try {
        bytes.set(new Uint8Array(await file.slice(position, position + bytes.length).arrayBuffer()));
      } catch (error) {
        throw unreadable(name, error);
      }
    },
    async close() {},
  };
}

/** Opens a file, hands it to `use` and closes it. */
export async function withBinaryFile<T>(
  file: Place,
  use: (file: BinaryFile) => Promise<T>,
  name: string,
): Promise<T> {
  return use(await openBinaryFile(file, name));
}
