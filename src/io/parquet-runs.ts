import { unsignedAt } from "./varint.ts";

/**
 * `count` numbers of `width` bits each, in runs of equal ones and runs of packed bits. Nothing is allocated before the
 * runs are known to hold them.
 * @throws RangeError if they don't.
 * Source: Apache Parquet, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
 */
export function readRuns(bytes: Uint8Array, width: number, count: number): Int32Array {
  if (!(width <= 32)) throw new RangeError(`numbers of ${width} bits can't be`);
  const valueBytes = Math.ceil(width / 8);
  const runs: { start: number; length: number; packed: boolean }[] = [];
  let at = 0;
  for (let found = 0; found < count; ) {
    const head = unsignedAt(bytes, at);
    const packed = (head.value & 1) === 1;
    const announced = packed ? Math.floor(head.value / 2) * 8 : Math.floor(head.value / 2);
    // Only packed runs are padded, beyond what a page holds; the bytes of the padding may be left out.
    const length = packed ? Math.min(announced, count - found) : announced;
    const size = packed ? Math.ceil((length * width) / 8) : valueBytes;
    if (announced === 0 || length > count - found || size > bytes.length - head.end) {
      throw new RangeError(`a run of ${announced} numbers can't be`);
    }
    runs.push({ start: head.end, length, packed });
    found += length;
    at = head.end + (packed ? (announced / 8) * width : size);
  }
  const numbers = new Int32Array(count);
  let filled = 0;
  for (const { start, length, packed } of runs) {
    if (packed) unpack(bytes, start, width, numbers.subarray(filled, filled + length));
    else numbers.fill(littleEndian(bytes, start, valueBytes), filled, filled + length);
    filled += length;
  }
  return numbers;
}

function littleEndian(bytes: Uint8Array, start: number, length: number): number {
  let value = 0;
  for (let index = 0; index < length; index++) value |= bytes[start + index]! << (8 * index);
  return value;
}

/** Fills `numbers` with those of `width` bits that are packed, the lowest bit first, from byte `start` on. */
function unpack(bytes: Uint8Array, start: number, width: number, numbers: Int32Array): void {
  if (width === 0) return;
  const mask = width === 32 ? -1 : (1 << width) - 1;
  for (let index = 0, bits = 0; index < numbers.length; index++, bits += width) {
    const at = start + Math.floor(bits / 8);
    const shift = bits % 8;
    const low = littleEndian(bytes, at, 4) >>> shift;
    const value = shift + width > 32 ? low | (bytes[at + 4]! << (32 - shift)) : low;
    numbers[index] = value & mask;
  }
}
