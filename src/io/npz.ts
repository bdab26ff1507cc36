import { ProRecError } from "../errors.ts";
import { type BinaryFile, corrupt } from "./binary.ts";
import { binarySource } from "./binary-source.ts";
import { batchesOfPages, type Page } from "./column-pages.ts";
import { type Place, withBinaryFile } from "./disk.ts";
import { formatOf, tensorBytes } from "./matrix.ts";
import { type NpyHeader, parseNpyHeader } from "./npy.ts";
import { printable, printablePath } from "./printable.ts";
import type { Column, RowSource } from "./rows.ts";
import { entryBytes, type ZipEntry, zipEntries } from "./zip.ts";

const NUMBERS = 1 << 14;
const LARGEST_SMALL_ARRAY = 1 << 12;
const HINT = "Save a matrix of users x items with scipy.sparse.save_npz, in the CSR, CSC or COO format.";

/** An array in the archive. */
interface Part extends NpyHeader {
  readonly entry: ZipEntry;
}

/**
 * Opens a sparse matrix of users x items that `scipy.sparse.save_npz` wrote (CSR, CSC or COO; compressed or not) as a log:
 * a row for every entry that is stored, zeros too, with the numbers of its row and column from 0 as ids and its value as
 * the rating. Users and items without an entry are not in the log. The arrays are read in chunks.
 * @throws ProRecError UNREADABLE_FILE, CORRUPT_FILE, UNSUPPORTED_FORMAT, SHAPE_MISMATCH; from a pass also INPUT_CHANGED.
 */
export async function openNpz(path: Place, name = path): Promise<RowSource> {
  const { matrix, ...opened } = await withBinaryFile(
    path,
    async (file) => ({ matrix: await openMatrix(file), version: await file.version(), size: file.size }),
    name,
  );
  const { values } = matrix;
  const narrow = ["F64", "I32", "I64", "U32", "U64"].includes(values.type) ? {} : { bits: 32 as const };
  const columns: Column[] = [
    { name: "user", kind: "integer" },
    { name: "item", kind: "integer" },
    { name: "rating", kind: "number", ...narrow },
  ];
  const rows = values.shape[0]!;
  return binarySource({
    path,
    name,
    columns,
    rows,
    ...opened,
    decode: (file, signal) => batchesOfPages(name, matrix.pages(file), rows, signal),
  });
}

interface SparseFile {
  readonly values: Part;
  /** The rows, columns and values of the entries. */
  pages(file: BinaryFile): AsyncGenerator<Page>[];
}

async function openMatrix(file: BinaryFile): Promise<SparseFile> {
  const entries = new Map((await zipEntries(file)).map((entry) => [entry.name, entry]));
  const part = async (name: string, length: number | undefined): Promise<Part> => {
    const entry = entries.get(`${name}.npy`);
    if (entry === undefined) throw notSparse(file.name, [...entries.keys()]);
    const header = await readHeader(file, entry);
    const { shape, type, start } = header;
    if (
      shape.length !== 1 ||
      tensorBytes(shape, type) !== entry.size - start ||
      shape[0] !== (length ?? shape[0])
    ) {
      throw corrupt(file.name, `its array ${name} of shape (${shape.join(", ")}) can't be`);
    }
    return { ...header, entry };
  };
  const format = await readFormat(file, entries);
  const shape = await readShape(file, await part("shape", undefined));
  const values = await part("data", undefined);
  const count = values.shape[0]!;
  const [users, items] = shape;
  if (format === "coo") {
    const [row, column] = [await part("row", count), await part("col", count)];
    return {
      values,
      pages: (file) => [
        positionsOf(file, row, users),
        positionsOf(file, column, items),
        numbersOf(file, values),
      ],
    };
  }
  const [major, minor] = format === "csr" ? [users, items] : [items, users];
  const ends = await part("indptr", major + 1);
  const indices = await part("indices", count);
  return {
    values,
    pages(file) {
      const sides = [repeated(file, ends, count), positionsOf(file, indices, minor)];
      return [...(format === "csr" ? sides : sides.toReversed()), numbersOf(file, values)];
    },
  };
}

/** The name of the sparse format, which is kept as an array of one text. */
async function readFormat(file: BinaryFile, entries: ReadonlyMap<string, ZipEntry>): Promise<string> {
  const entry = entries.get("format.npy");
  if (entry === undefined) throw notSparse(file.name, [...entries.keys()]);
  const bytes = await smallArray(file, entry);
  const format = bytes.subarray(-12).toString("latin1").replaceAll("\0", "");
  const known = /(csr|csc|coo)$/.exec(format)?.[1];
  if (known !== undefined) return known;
  throw new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(file.name)} holds a sparse matrix in the format ${printable(format.trim().slice(-3))}.`,
    {
      details: { file: file.name },
      hint: "Save it as CSR, with scipy.sparse.save_npz(file, matrix.tocsr()).",
    },
  );
}

async function readShape(file: BinaryFile, part: Part): Promise<readonly [number, number]> {
  const bytes = await smallArray(file, part.entry);
  const shape = numbersIn(bytes.subarray(part.start), part);
  const [users, items] = shape;
  if (shape.length === 2 && users! >= 0 && items! >= 0) return [users!, items!];
  throw new ProRecError(
    "SHAPE_MISMATCH",
    `${printablePath(file.name)} holds an array of shape (${shape.join(", ")}); a matrix of users x items is needed.`,
    { details: { file: file.name }, hint: HINT },
  );
}

/** All bytes of an array that can only be small. */
async function smallArray(file: BinaryFile, entry: ZipEntry): Promise<Buffer> {
  if (entry.size > LARGEST_SMALL_ARRAY) throw corrupt(file.name, `its array ${entry.name} is too long`);
  const chunks: Buffer[] = [];
  for await (const chunk of entryBytes(file, entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readHeader(file: BinaryFile, entry: ZipEntry): Promise<NpyHeader> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of entryBytes(file, entry)) {
    bytes = Buffer.concat([bytes, chunk]);
    const header = parseNpyHeader(file.name, bytes, entry.size);
    if (header) return header;
  }
  throw corrupt(file.name, `its array ${printable(entry.name)} has just ${entry.size} bytes`);
}

/** The array's numbers, some thousands at a time. */
async function* numbersOf(file: BinaryFile, part: Part): AsyncGenerator<Page> {
  const { bytes: width } = formatOf(part.type);
  let pending: Buffer = Buffer.alloc(0);
  let skip = part.start;
  for await (const chunk of entryBytes(file, part.entry)) {
    const fresh = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - fresh.length;
    pending = pending.length === 0 ? fresh : Buffer.concat([pending, fresh]);
    const whole = pending.length - (pending.length % width);
    for (let at = 0; at < whole; at += NUMBERS * width) {
      const values = numbersIn(pending.subarray(at, Math.min(whole, at + NUMBERS * width)), part);
      yield { length: values.length, values };
    }
    pending = pending.subarray(whole);
  }
}

function numbersIn(bytes: Buffer, { type, littleEndian }: NpyHeader): Float64Array {
  const { bytes: width, read } = formatOf(type);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.length / width }, (_, index) =>
    read(view, index * width, littleEndian),
  );
}

/** Numbers that are positions below `extent`. */
async function* positionsOf(file: BinaryFile, part: Part, extent: number): AsyncGenerator<Page> {
  for await (const page of numbersOf(file, part)) {
    const bad = (page.values as Float64Array).find(
      (value) => !(value >= 0 && value < extent && value % 1 === 0),
    );
    if (bad !== undefined) throw corrupt(file.name, `${part.entry.name} holds ${bad}, beyond the matrix`);
    yield page;
  }
}

/** Every major position as often as `ends`, where each one's entries end, says. */
async function* repeated(file: BinaryFile, ends: Part, count: number): AsyncGenerator<Page> {
  let position = -1;
  let done = 0;
  let values: number[] = [];
  for await (const page of numbersOf(file, ends)) {
    for (const end of page.values as Float64Array) {
      if (!(end >= done && end <= count && (position >= 0 || end === 0))) {
        throw corrupt(file.name, `${ends.entry.name} holds ${end} after ${done}`);
      }
      for (; done < end; done++) {
        values.push(position);
        if (values.length < NUMBERS) continue;
        yield { length: NUMBERS, values };
        values = [];
      }
      position++;
    }
  }
  if (done !== count) throw corrupt(file.name, `${ends.entry.name} ends at ${done} of ${count}`);
  yield { length: values.length, values };
}

function notSparse(file: string, parts: readonly string[]): ProRecError {
  const names = parts
    .slice(0, 10)
    .map((part) => printable(part))
    .join(", ");
  const isWorkbook = /\.(xlsx|ods)$/i.test(file);
  return new ProRecError(
    "UNSUPPORTED_FORMAT",
    isWorkbook
      ? `${printablePath(file)} is a workbook, which ProRec doesn't read.`
      : `${printablePath(file)} is no sparse matrix; it holds ${names || "nothing"}.`,
    { details: { file }, hint: isWorkbook ? "Save its sheet as CSV." : HINT },
  );
}
