import { ProRecError } from "../../errors.ts";
import { printable, printablePath } from "../../io/printable.ts";

const NAME = /^[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9_-])?$/;
const LONGEST = 800;

/**
 * A key is names of letters, digits, `_`, `-` and inner dots, joined by `/`: the same in any file system and in S3, never
 * a path that leaves the store, never a hidden file.
 * @throws ProRecError CORRUPT_FILE for anything else
 */
export function assertKey(key: string): void {
  if (key.length <= LONGEST && key.split("/").every((name) => NAME.test(name))) return;
  throw new ProRecError("CORRUPT_FILE", `Not a key of a store: ${printable(JSON.stringify(key), 100)}.`, {
    details: { key },
    hint: "What named it is damaged or not ProRec's.",
  });
}

/** @throws ProRecError CORRUPT_FILE unless some key begins with `prefix` */
export function assertPrefix(prefix: string): void {
  if (prefix !== "") assertKey(/[./]$/.test(prefix) ? `${prefix}0` : prefix);
}

export function absent(key: string, location: string): ProRecError {
  return new ProRecError("UNREADABLE_FILE", `There is no ${key} in the store ${printablePath(location)}.`, {
    details: { key, location },
    hint: "Every machine must be given the same store; what a run has lost is made again when it is resumed.",
  });
}

/** The bytes at the start of an ArrayBuffer of their own, so that they can be aligned and handed to a thread. */
export function alone(bytes: Uint8Array): Uint8Array {
  const whole = bytes.byteLength === bytes.buffer.byteLength;
  return whole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}
