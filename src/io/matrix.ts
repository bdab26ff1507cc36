import { ProRecError } from "../errors.ts";
import { badRow } from "./bad-row.ts";
import { type BinaryFile, CHUNK_BYTES, corrupt } from "./binary.ts";
import { printablePath } from "./printable.ts";

/** A dense matrix, row-major. */
export interface Matrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly data: Float32Array;
}

/** How a file keeps a matrix. */
export interface MatrixLayout {
  readonly shape: readonly number[];
  readonly type: NumberType;
  readonly littleEndian: boolean;
  /** Column after column (Fortran's order) instead of row after row. */
  readonly byColumn: boolean;
  /** Where the numbers are, in bytes. */
  readonly start: number;
  readonly end: number;
}

export type NumberType =
  | "F16"
  | "BF16"
  | "F32"
  | "F64"
  | "I8"
  | "I16"
  | "I32"
  | "I64"
  | "U8"
  | "U16"
  | "U32"
  | "U64";

interface NumberFormat {
  readonly bytes: number;
  read(view: DataView, at: number, littleEndian: boolean): number;
}

const FORMATS: Readonly<Record<NumberType, NumberFormat>> = {
  F16: { bytes: 2, read: (view, at, little) => fromFloat16(view.getUint16(at, little)) },
  BF16: { bytes: 2, read: (view, at, little) => fromBfloat16(view.getUint16(at, little)) },
  F32: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  F64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  I16: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  I32: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  I64: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  U16: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  U32: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  U64: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

/** How wide numbers of a type are and how one is read. */
export function formatOf(type: NumberType): NumberFormat {
  return FORMATS[type];
}

export function isNumberType(name: string): name is NumberType {
  return Object.hasOwn(FORMATS, name);
}

/** Bytes that a tensor of this shape takes; Infinity beyond what can be counted exactly. */
export function tensorBytes(shape: readonly number[], type: NumberType): number {
  const bytes = shape.reduce((product, extent) => product * extent, FORMATS[type].bytes);
  return Number.isSafeInteger(bytes) ? bytes : Infinity;
}

/**
 * Reads a matrix as float32. Nothing is allocated before the shape is known to fit the file.
 * @throws ProRecError SHAPE_MISMATCH unless the shape is rows x columns, both at least 1; CORRUPT_FILE if the
 * shape doesn't fit start..end; BAD_ROW at the first NaN, Infinity or number beyond float32; TOO_LARGE.
 */
export async function readMatrix(file: BinaryFile, layout: MatrixLayout): Promise<Matrix> {
  const { shape, type, littleEndian, byColumn, start, end } = layout;
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined || rows * columns === 0) {
    throw new ProRecError(
      "SHAPE_MISMATCH",
      `${printablePath(file.name)} holds an array of shape (${shape.join(", ")}); a matrix of rows x factors is needed.`,
      { details: { file: file.name, shape }, hint: "Save one row of factors for each user or item." },
    );
  }
  if (tensorBytes(shape, type) !== end - start) {
    throw corrupt(
      file.name,
      `${rows} x ${columns} numbers of type ${type} take ${tensorBytes(shape, type)} bytes, but it has ${end - start}`,
    );
  }
  const data = allocate(file.name, rows, columns);
  const { bytes: width, read } = FORMATS[type];
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, end - start));
  const view = new DataView(buffer.buffer);
  for (let first = 0; first < data.length; first += buffer.length / width) {
    const count = Math.min(buffer.length / width, data.length - first);
    await file.read(start + first * width, buffer.subarray(0, count * width));
    for (let k = 0; k < count; k++) {
      const place = first + k;
      const at = byColumn ? (place % rows) * columns + Math.floor(place / rows) : place;
      const value = read(view, k * width, littleEndian);
      data[at] = value;
      if (!Number.isFinite(data[at]))
        throw unusable(file.name, value, Math.floor(at / columns), at % columns);
    }
  }
  return { shape: [rows, columns], data };
}

function allocate(path: string, rows: number, columns: number): Float32Array {
  try {
    return new Float32Array(rows * columns);
  } catch (cause) {
    throw new ProRecError(
      "TOO_LARGE",
      `${printablePath(path)} holds ${rows} x ${columns} numbers, more than fit into one array here.`,
      { details: { file: path }, hint: "Use fewer factors or fewer rows.", cause },
    );
  }
}

function unusable(file: string, value: number, row: number, column: number): ProRecError {
  const reason = Number.isFinite(value) ? "beyond float32" : "not a finite number";
  return badRow(
    { file, row: row + 1, column: String(column + 1), value: String(value) },
    `${value} is ${reason}.`,
    "Repair that row or leave it out (rows and columns are counted from 1).",
  );
}

/** IEEE 754 binary16. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a binary32. */
function fromBfloat16(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
