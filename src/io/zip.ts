import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";
import { ProRecError } from "../errors.ts";
import { type BinaryFile, corrupt } from "./binary.ts";
import { printable, printablePath } from "./printable.ts";

/** A file inside a ZIP archive. */
export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  readonly crc: number;
  /** Bytes in the archive, and decompressed. */
  readonly stored: number;
  readonly size: number;
  /** Where its header is. */
  readonly offset: number;
}

const CHUNK = 256 * 1024;
const END = 0x06054b50;
const END_64_LOCATOR = 0x07064b50;
const END_64 = 0x06064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_COMMENT = 0xffff;
/** Archives of arrays have a handful of entries. */
const LARGEST_DIRECTORY = 1 << 20;
/** The most that DEFLATE can make of a byte. */
const LARGEST_EXPANSION = 1032;

/**
 * The entries of a ZIP archive, ZIP64 too.
 * @throws ProRecError CORRUPT_FILE; UNSUPPORTED_FORMAT for what is encrypted or compressed with something else than DEFLATE.
 * Source: PKWARE, APPNOTE.TXT.
 */
export async function zipEntries(file: BinaryFile): Promise<ZipEntry[]> {
  const { start, size } = await directoryOf(file);
  if (!(start + size <= file.size && size <= LARGEST_DIRECTORY)) {
    throw corrupt(file.name, `its directory of ${size} bytes at byte ${start} can't be`);
  }
  const bytes = Buffer.alloc(size);
  await file.read(start, bytes);
  const entries: ZipEntry[] = [];
  try {
    for (let at = 0; at < size; ) {
      if (bytes.readUInt32LE(at) !== ENTRY) throw new RangeError("an entry doesn't begin like one");
      const [names, extras, comments] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
      const name = bytes.toString("utf8", at + 46, at + 46 + names!);
      const extra = bytes.subarray(at + 46 + names!, at + 46 + names! + extras!);
      const fields = [24, 20, 42].map((field) => bytes.readUInt32LE(at + field));
      const [full, stored, offset] = wide(fields, extra);
      const method = bytes.readUInt16LE(at + 10);
      if ((bytes.readUInt16LE(at + 8) & 1) === 1 || (method !== 0 && method !== 8))
        throw unknown(file.name, name);
      const deflated = method === 8;
      if (full! > stored! * (deflated ? LARGEST_EXPANSION : 1)) {
        throw new RangeError(`${stored} bytes can't hold the ${full} that are announced`);
      }
      entries.push({
        name,
        deflated,
        crc: bytes.readUInt32LE(at + 16),
        stored: stored!,
        size: full!,
        offset: offset!,
      });
      at += 46 + names! + extras! + comments!;
    }
  } catch (error) {
    if (error instanceof ProRecError) throw error;
    throw corrupt(file.name, `its directory can't be read (${(error as Error).message})`, error);
  }
  return entries;
}

/**
 * The bytes of an entry, decompressed.
 * @throws ProRecError CORRUPT_FILE if they are not those that were packed.
 */
export async function* entryBytes(file: BinaryFile, entry: ZipEntry): AsyncGenerator<Buffer> {
  const damaged = (what: string, cause?: unknown) =>
    corrupt(file.name, `its part ${printable(entry.name)} ${what}`, cause);
  const header = Buffer.alloc(30);
  await file.read(entry.offset, header);
  if (header.readUInt32LE() !== LOCAL) throw damaged("is not where it should be");
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + entry.stored > file.size) throw damaged("doesn't end within the file");
  const raw = rawBytes(file, start, start + entry.stored);
  let size = 0;
  let crc = 0;
  try {
    for await (const chunk of entry.deflated ? inflated(raw) : raw) {
      size += chunk.length;
      if (size > entry.size) throw damaged(`is longer than the ${entry.size} bytes that are announced`);
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ProRecError
      ? error
      : damaged(`can't be decompressed (${(error as Error).message})`, error);
  }
  if (size !== entry.size || crc !== entry.crc) throw damaged("has a wrong checksum or length");
}

async function* rawBytes(file: BinaryFile, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position < end; position += CHUNK) {
    const bytes = Buffer.alloc(Math.min(CHUNK, end - position));
    await file.read(position, bytes);
    yield bytes;
  }
}

async function* inflated(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: CHUNK });
  const feeding = pipeline(raw, inflate);
  feeding.catch(() => {}); // the loop meets the same error
  for await (const chunk of inflate) yield chunk;
  await feeding;
}

/** Where the directory of entries is. */
async function directoryOf(file: BinaryFile): Promise<{ start: number; size: number }> {
  const length = Math.min(file.size, 22 + LONGEST_COMMENT);
  const tail = Buffer.alloc(length);
  await file.read(file.size - length, tail);
  let at = length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw corrupt(file.name, "it doesn't end like a ZIP archive");
  const plain = { start: tail.readUInt32LE(at + 16), size: tail.readUInt32LE(at + 12) };
  if (plain.start !== 0xffffffff && plain.size !== 0xffffffff) return plain;
  const record = Buffer.alloc(56);
  if (at < 20 || tail.readUInt32LE(at - 20) !== END_64_LOCATOR)
    throw corrupt(file.name, "its end has no 64-bit form");
  const place = Number(tail.readBigUInt64LE(at - 12));
  if (place + record.length > file.size) throw corrupt(file.name, "its end points beyond the file");
  await file.read(place, record);
  if (record.readUInt32LE() !== END_64) throw corrupt(file.name, "its 64-bit end is not where it should be");
  return { start: Number(record.readBigUInt64LE(48)), size: Number(record.readBigUInt64LE(40)) };
}

/** The fields, those that don't fit 32 bits from the extra field of ZIP64. @throws RangeError if they aren't there. */
function wide(fields: readonly number[], extra: Buffer): number[] {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  return fields.map((field) => {
    if (field !== 0xffffffff) return field;
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  });
}

function unknown(file: string, name: string): ProRecError {
  return new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(file)}: its part ${printable(name)} is encrypted or compressed in an unknown way.`,
    { details: { file, value: name }, hint: "Save it with scipy.sparse.save_npz." },
  );
}
