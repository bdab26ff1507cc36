import { unsignedAt } from "./varint.ts";

const LONGEST_NUMBER = 10;
const DEEPEST = 16;

/**
 * Where the struct ends that starts at `start` of some bytes, in Thrift's compact protocol. A parser that trusts its
 * input can then be given exactly those bytes.
 * @throws RangeError if it doesn't end, nests deeper than Parquet's do, or has a number of over ten bytes.
 * Source: Thrift's compact protocol specification.
 */
export function structEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  const byte = () => {
    if (at >= bytes.length) throw new RangeError("a structure doesn't end");
    return bytes[at++]!;
  };
  const number = () => {
    const { value, end } = unsignedAt(bytes, at, LONGEST_NUMBER);
    at = end;
    return value;
  };
  const skip = (length: number) => {
    if (length > bytes.length - at) throw new RangeError("a structure doesn't end");
    at += length;
  };
  const value = (type: number, depth: number) => {
    if (type === 3) skip(1);
    else if (type >= 4 && type <= 6) number();
    else if (type === 7) skip(8);
    else if (type === 8) skip(number());
    else if (type === 9) list(depth);
    else if (type === 12) struct(depth + 1);
    else if (type !== 1 && type !== 2) throw new RangeError(`there is no type ${type}`);
  };
  const list = (depth: number) => {
    if (depth > DEEPEST) throw new RangeError("structures nest too deep");
    const head = byte();
    const type = head & 15;
    const length = head >> 4 === 15 ? number() : head >> 4;
    if (length > bytes.length - at) throw new RangeError("a list doesn't end");
    for (let index = 0; index < length; index++) value(type <= 2 ? 3 : type, depth + 1);
  };
  const struct = (depth: number) => {
    if (depth > DEEPEST) throw new RangeError("structures nest too deep");
    for (let head = byte(); head !== 0; head = byte()) {
      if (head >> 4 === 0) number();
      value(head & 15, depth);
    }
  };
  struct(0);
  return at;
}
