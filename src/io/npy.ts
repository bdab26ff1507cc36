import { ProRecError } from "../errors.ts";
import { createAtomicFile } from "./atomic.ts";
import { type BinaryFile, byteChunks, corrupt } from "./binary.ts";
import { withBinaryFile } from "./disk.ts";
import { isNumberType, type Matrix, type NumberType, readMatrix } from "./matrix.ts";
import { printable, printablePath } from "./printable.ts";

const MAGIC = "\x93NUMPY";
const LARGEST_HEADER = 1 << 16;

/**
 * Reads a 2-D `.npy` file (format 1.0 to 3.0; float, integer and unsigned types; either byte order and either
 * memory order) as float32. Source: numpy.lib.format.
 * @throws ProRecError UNREADABLE_FILE, CORRUPT_FILE, UNSUPPORTED_FORMAT (other types), and as `readMatrix`.
 */
export function readNpy(path: string): Promise<Matrix> {
  return withBinaryFile(path, async (file) => {
    const { text, start } = await readHeader(file);
    const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
    const extents = /'shape'\s*:\s*\(\s*((?:\d+\s*,\s*)*(?:\d+\s*)?)\)/.exec(text)?.[1];
    if (order === undefined || extents === undefined) {
      throw corrupt(path, `its header ${printable(text.trim())} has no fortran_order or no shape`);
    }
    return readMatrix(file, {
      ...numberType(path, text),
      shape: extents
        .split(",")
        .filter((extent) => extent.trim() !== "")
        .map(Number),
      byColumn: order === "True",
      start,
      end: file.size,
    });
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

async function readHeader(file: BinaryFile): Promise<{ text: string; start: number }> {
  const prefix = Buffer.alloc(12);
  if (file.size < prefix.length) throw corrupt(file.name, `a .npy file can't have just ${file.size} bytes`);
  await file.read(0, prefix);
  const version = prefix[6]!;
  if (prefix.toString("latin1", 0, 6) !== MAGIC)
    throw corrupt(file.name, "it doesn't begin like a .npy file");
  if (version < 1 || version > 3)
    throw corrupt(file.name, `.npy format ${version}.${prefix[7]} is not known`);
  const begin = version === 1 ? 10 : 12;
  const length = version === 1 ? prefix.readUInt16LE(8) : prefix.readUInt32LE(8);
  if (length > Math.min(LARGEST_HEADER, file.size - begin)) {
    throw corrupt(file.name, `it announces a header of ${length} bytes and has ${file.size} bytes in all`);
  }
  const header = Buffer.alloc(length);
  await file.read(begin, header);
  return { text: header.toString("latin1"), start: begin + length };
}

/** The type behind numpy's name for it: `<f4`, `>i8`, `|u1`. */
function numberType(path: string, header: string): { type: NumberType; littleEndian: boolean } {
  const descr = /'descr'\s*:\s*('[^']*'|\[.*\])/.exec(header)?.[1];
  if (descr === undefined) throw corrupt(path, `its header ${printable(header.trim())} has no descr`);
  const [, order, kind, bytes] = /^'([<>|])([fiu])(\d+)'$/.exec(descr) ?? [];
  const type = `${kind?.toUpperCase()}${8 * Number(bytes)}`;
  if (isNumberType(type)) return { type, littleEndian: order !== ">" };
  throw new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(path)} holds values of the numpy type ${printable(descr)}.`,
    { details: { file: path, value: descr }, hint: 'Save numbers, e.g. with array.astype("float32").' },
  );
}
