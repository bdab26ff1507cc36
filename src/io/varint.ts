/**
 * The unsigned number at `start` of some bytes, seven bits a byte (LEB128), and where it ends.
 * @throws RangeError if it has more than `longest` bytes or the bytes end within it.
 */
export function unsignedAt(
  bytes: Uint8Array,
  start: number,
  longest = 5,
): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let length = 0; length < longest; length++) {
    const byte = bytes[start + length];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * length);
    if (byte < 0x80) return { value, end: start + length + 1 };
  }
  throw new RangeError("a number doesn't end");
}
