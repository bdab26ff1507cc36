import { ProRecError } from "../errors.ts";
import { createAtomicFile } from "./atomic.ts";
import { byteChunks, corrupt, withBinaryFile } from "./binary.ts";
import { isNumberType, type Matrix, type NumberType, readMatrix } from "./matrix.ts";
import { printable, printablePath } from "./printable.ts";

const MAGIC = "\x93NUMPY";
const LARGEST_HEADER = 1 << 16;
const PREFIX_BYTES = 12;

/** What a `.npy` header says of the array behind it. */
export interface NpyHeader {
  readonly shape: readonly number[];
  readonly type: NumberType;
  readonly littleEndian: boolean;
  /** Column after column (Fortran's order). */
  readonly byColumn: boolean;
  /** Where the numbers start, in bytes. */
  readonly start: number;
}

/**
 * Reads a 2-D `.npy` file (format 1.0 to 3.0; float, integer and unsigned types, booleans as 0 and 1; either byte order
 * and either memory order) as float32. Source: numpy.lib.format.
 * @throws ProRecError UNREADABLE_FILE, CORRUPT_FILE, UNSUPPORTED_FORMAT (other types), and as `readMatrix`.
 */
export function readNpy(path: string): Promise<Matrix> {
  return withBinaryFile(path, async (file) => {
    const bytes = Buffer.alloc(Math.min(file.size, LARGEST_HEADER + PREFIX_BYTES));
    await file.read(0, bytes);
    const header = parseNpyHeader(path, bytes, file.size)!;
    return readMatrix(file, { ...header, end: file.size });
  });
}

/**
 * Writes rows x columns float32 numbers as a `.npy` file (format 1.0, little-endian, row-major).
 * @throws ProRecError UNWRITABLE_FILE
 */
export async function writeNpy(path: string, shape: Matrix["shape"], data: Float32Array): Promise<void> {
  const [rows, columns] = shape;
  if (rows * columns !== data.length) {
    throw new RangeError(`${data.length} numbers don't fill ${rows} x ${columns}.`);
  }
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const prefix = Buffer.from(`${MAGIC}\x01\x00\x00\x00${header.padEnd(length - 1)}\n`, "latin1");
  prefix.writeUInt16LE(length, 8);

  const file = await createAtomicFile(path);
  await file.write(prefix);
  for (const bytes of byteChunks(data)) await file.write(bytes);
  await file.commit();
}

/**
 * Parses the header at the start of an array of `size` bytes, header included; undefined if `bytes` end within it.
 * @throws ProRecError CORRUPT_FILE, UNSUPPORTED_FORMAT
 */
export function parseNpyHeader(name: string, bytes: Buffer, size: number): NpyHeader | undefined {
  if (size < PREFIX_BYTES) throw corrupt(name, `a .npy file can't have just ${size} bytes`);
  if (bytes.length < PREFIX_BYTES) return undefined;
  const version = bytes[6]!;
  if (bytes.toString("latin1", 0, 6) !== MAGIC) throw corrupt(name, "it doesn't begin like a .npy file");
  if (version < 1 || version > 3) throw corrupt(name, `.npy format ${version}.${bytes[7]} is not known`);
  const begin = version === 1 ? 10 : 12;
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > Math.min(LARGEST_HEADER, size - begin)) {
    throw corrupt(name, `it announces a header of ${length} bytes and has ${size} bytes in all`);
  }
  const start = begin + length;
  if (bytes.length < start) return undefined;
  const text = bytes.toString("latin1", begin, start);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const extents = /'shape'\s*:\s*\(\s*((?:\d+\s*,\s*)*(?:\d+\s*)?)\)/.exec(text)?.[1];
  if (order === undefined || extents === undefined) {
    throw corrupt(name, `its header ${printable(text.trim())} has no fortran_order or no shape`);
  }
  const shape = extents.split(",").filter((extent) => extent.trim() !== "");
  return { ...numberType(name, text), shape: shape.map(Number), byColumn: order === "True", start };
}

/** The type behind numpy's name for it: `<f4`, `>i8`, `|u1`; `|b1` holds 0 and 1. */
function numberType(path: string, header: string): { type: NumberType; littleEndian: boolean } {
  const descr = /'descr'\s*:\s*('[^']*'|\[.*\])/.exec(header)?.[1];
  if (descr === undefined) throw corrupt(path, `its header ${printable(header.trim())} has no descr`);
  const [, order, kind, bytes] = /^'([<>|])([fiub])(\d+)'$/.exec(descr) ?? [];
  const type = `${kind === "b" ? "U" : kind?.toUpperCase()}${8 * Number(bytes)}`;
  if (isNumberType(type)) return { type, littleEndian: order !== ">" };
  throw new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(path)} holds values of the numpy type ${printable(descr)}.`,
    { details: { file: path, value: descr }, hint: 'Save numbers, e.g. with array.astype("float32").' },
  );
}
