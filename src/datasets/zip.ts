import { crc32, inflateRawSync } from "node:zlib";
import { ProRecError } from "../errors.ts";
import { printable, printablePath } from "../io/printable.ts";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

/**
 * One member of a zip archive, stored or deflated (PKWARE's APPNOTE 6.3, without zip64).
 *
 * @throws ProRecError CORRUPT_FILE where the archive is damaged, has no such member or one of more than `limit` bytes
 */
export function zipMember(archive: Buffer, name: string, file: string, limit: number): Buffer {
  try {
    const entry = entries(archive).find((each) => each.name === name);
    if (entry === undefined) throw new RangeError("there is no such member");
    const { offset, method, packed, size, checksum } = entry;
    if (size > limit) throw new RangeError(`it has ${size} bytes, more than ${limit}`);
    if (archive.readUInt32LE(offset) !== LOCAL) throw new RangeError("its header is not where it should be");
    const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
    if (start + packed > archive.length) throw new RangeError("it goes beyond the archive's end");
    const bytes = unpacked(archive.subarray(start, start + packed), method, size);
    if (bytes.length !== size || crc32(bytes) !== checksum) throw new RangeError("its checksum differs");
    return bytes;
  } catch (error) {
    const what = `${printable(name)} in ${printablePath(file)} can't be unpacked: ${(error as Error).message}.`;
    throw new ProRecError("CORRUPT_FILE", what, { details: { file, member: name }, cause: error });
  }
}

function unpacked(bytes: Buffer, method: number, size: number): Buffer {
  if (method === 0) return bytes;
  if (method === 8) return inflateRawSync(bytes, { maxOutputLength: size || 1 });
  throw new RangeError(`its compression method ${method} is not known here`);
}

/** The central directory. */
function entries(archive: Buffer) {
  const isEnd = (at: number) =>
    archive.readUInt32LE(at) === END && at + 22 + archive.readUInt16LE(at + 20) === archive.length;
  let end = archive.length - 22;
  while (end >= 0 && !isEnd(end)) end--;
  if (end < 0) throw new RangeError("it is no zip archive");
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    if (archive.readUInt32LE(at) !== ENTRY) throw new RangeError("the archive's directory is damaged");
    const nameLength = archive.readUInt16LE(at + 28);
    const entry = {
      name: archive.toString("utf8", at + 46, at + 46 + nameLength),
      method: archive.readUInt16LE(at + 10),
      checksum: archive.readUInt32LE(at + 16),
      packed: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      offset: archive.readUInt32LE(at + 42),
    };
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    return entry;
  });
}
