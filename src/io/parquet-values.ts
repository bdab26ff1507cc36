import { isAscii } from "node:buffer";
import type { CompressionCodec, DecodedArray, Encoding, ParquetParsers, ParquetType } from "hyparquet";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { Instant } from "./instant.ts";
import type { ParquetColumn } from "./parquet-columns.ts";
import type { Cell } from "./rows.ts";
import { unsignedAt } from "./varint.ts";

/** Memory that the texts of one page may take beyond its own bytes. */
const LARGEST_TEXTS = 1 << 30;
/** Deltas a block; writers take 128 or so. */
const LARGEST_BLOCK = 1 << 20;
/** Bytes a value of each type of fixed width. */
const WIDTHS: { readonly [type in ParquetType]?: number } = {
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
};

/**
 * `count` values as cells, from the bytes behind a page's levels; dictionaries' codes are not values.
 * @throws RangeError if the bytes don't hold them; TypeError for text that is not UTF-8; Error for an unknown encoding.
 */
export function decodeValues(
  bytes: Uint8Array,
  encoding: Encoding,
  count: number,
  column: ParquetColumn,
): ArrayLike<Cell> {
  const { element, kind } = column;
  const { type } = element;
  if (encoding === "PLAIN" && type === "BYTE_ARRAY" && kind === "text" && isAscii(bytes)) {
    return asciiTexts(bytes, count);
  }
  const raw = rawValues(bytes, encoding, count, type!, element.type_length);
  return convert(raw, {
    pathInSchema: [column.name],
    type: type!,
    element,
    schemaPath: [],
    codec: "UNCOMPRESSED" satisfies CompressionCodec,
    parsers: PARSERS,
    utf8: false,
  }) as ArrayLike<Cell>;
}

function rawValues(
  bytes: Uint8Array,
  encoding: Encoding,
  count: number,
  type: ParquetType,
  length: number | undefined,
): DecodedArray {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const width = type === "FIXED_LEN_BYTE_ARRAY" ? length : WIDTHS[type];
  switch (encoding) {
    case "PLAIN":
      if (type === "BYTE_ARRAY") return byteArrays(reader, plainLengths(reader.view, count));
      atMost(count * (width ?? 1 / 8), bytes.length);
      return readPlain(reader, type, count, length);
    case "BYTE_STREAM_SPLIT":
      atMost(count * (width ?? Infinity), bytes.length);
      return byteStreamSplit(reader, count, type, length);
    case "DELTA_BINARY_PACKED":
      return unpackDeltas<Int32Array | BigInt64Array>(
        reader,
        count,
        type === "INT32" ? Int32Array : BigInt64Array,
      );
    case "DELTA_LENGTH_BYTE_ARRAY": {
      const lengths = unpackDeltas(reader, count, Int32Array);
      return byteArrays(reader, { lengths, gap: 0 });
    }
    case "DELTA_BYTE_ARRAY": {
      const shared = unpackDeltas(reader, count, Int32Array);
      const lengths = unpackDeltas(reader, count, Int32Array);
      return withPrefixes(byteArrays(reader, { lengths, gap: 0 }), shared);
    }
    default:
      throw new Error(`there is no encoding ${encoding} for ${type}`);
  }
}

interface Reader {
  readonly view: DataView;
  offset: number;
}

function atMost(needed: number, there: number): void {
  if (!(needed <= there)) throw new RangeError(`values that take ${needed} bytes can't be in ${there}`);
}

/** Texts that are cut from one: each is preceded by its length. */
function asciiTexts(bytes: Uint8Array, count: number): string[] {
  const { lengths } = plainLengths(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), count);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const texts = new Array<string>(count);
  for (let index = 0, at = 4; index < count; index++) {
    const length = lengths[index]!;
    texts[index] = text.slice(at, at + length);
    at += length + 4;
  }
  return texts;
}

function plainLengths(view: DataView, count: number): { lengths: Int32Array; gap: number } {
  atMost(4 * count, view.byteLength);
  const lengths = new Int32Array(count);
  let at = 0;
  for (let index = 0; index < count; index++) {
    lengths[index] = view.getInt32(at, true);
    at += 4 + lengths[index]!;
    atMost(lengths[index]! < 0 ? Infinity : at, view.byteLength);
  }
  return { lengths, gap: 4 };
}

/** Consecutive bytes of given lengths, `gap` bytes before each left out. */
function byteArrays(reader: Reader, { lengths, gap }: { lengths: Int32Array; gap: number }): Uint8Array[] {
  const { view } = reader;
  const arrays = new Array<Uint8Array>(lengths.length);
  for (const [index, length] of lengths.entries()) {
    reader.offset += gap;
    atMost(length < 0 ? Infinity : reader.offset + length, view.byteLength);
    arrays[index] = new Uint8Array(view.buffer, view.byteOffset + reader.offset, length);
    reader.offset += length;
  }
  return arrays;
}

/** Every array with as many bytes of the one before it put in front as `shared` says. */
function withPrefixes(suffixes: readonly Uint8Array[], shared: Int32Array): Uint8Array[] {
  let previous = new Uint8Array();
  let taken = 0;
  return suffixes.map((suffix, index) => {
    const prefix = shared[index]!;
    if (prefix < 0 || prefix > previous.length) throw new RangeError(`a prefix of ${prefix} bytes can't be`);
    taken += prefix + suffix.length;
    atMost(taken, LARGEST_TEXTS);
    const whole = new Uint8Array(prefix + suffix.length);
    whole.set(previous.subarray(0, prefix));
    whole.set(suffix, prefix);
    previous = whole;
    return whole;
  });
}

/** hyparquet's decoder, once the head of the deltas is one that it can work with. */
function unpackDeltas<Numbers extends Int32Array | BigInt64Array>(
  reader: Reader,
  count: number,
  Numbers: new (count: number) => Numbers,
): Numbers {
  if (count === 0) return new Numbers(0);
  const { buffer, byteOffset, byteLength } = reader.view;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const block = unsignedAt(bytes, reader.offset);
  const parts = unsignedAt(bytes, block.end);
  const announced = unsignedAt(bytes, parts.end);
  const possible = block.value > 0 && block.value % 128 === 0 && block.value % (32 * parts.value) === 0;
  if (!possible || block.value > LARGEST_BLOCK || announced.value !== count) {
    throw new RangeError(
      `deltas of ${announced.value} numbers in ${parts.value} parts of ${block.value} can't be`,
    );
  }
  const numbers = new Numbers(count);
  deltaBinaryUnpack(reader, count, numbers);
  return numbers;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const PARSERS: ParquetParsers = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (bytes) => utf8.decode(bytes),
  dateFromDays: (days) => valid(new Date(days * 86_400_000)),
  timestampFromMilliseconds: (count) => valid(new Date(Number(count))),
  timestampFromMicroseconds: (count) => valid(new Instant(count * 1000n)),
  timestampFromNanoseconds: (count) => valid(new Instant(count)),
};

function valid(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new RangeError("a timestamp is beyond the year 275760");
  return date;
}
