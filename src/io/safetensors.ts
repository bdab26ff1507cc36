import { ProRecError } from "../errors.ts";
import { type BinaryFile, corrupt } from "./binary.ts";
import { withBinaryFile } from "./disk.ts";
import { isNumberType, type Matrix, readMatrix, tensorBytes } from "./matrix.ts";
import { printable, printablePath } from "./printable.ts";

/** The format's own limit. */
const LARGEST_HEADER = 100_000_000;

interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Where its bytes are, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a 2-D tensor of a `.safetensors` file as float32: the one called `name`, or the only one there.
 * Source: the format's description in huggingface/safetensors.
 * @throws ProRecError UNREADABLE_FILE, CORRUPT_FILE, UNSUPPORTED_FORMAT (types other than numbers), SHAPE_MISMATCH
 * (no such tensor, or several to choose from: their names), and as `readMatrix`.
 */
export function readSafetensors(path: string, name?: string): Promise<Matrix> {
  return withBinaryFile(path, async (file) => {
    const { tensors, start } = await readHeader(file);
    const tensor = chosen(path, tensors, name);
    if (!isNumberType(tensor.type)) {
      throw new ProRecError(
        "UNSUPPORTED_FORMAT",
        `${printablePath(path)}: the tensor ${printable(tensor.name)} holds values of type ${printable(tensor.type)}.`,
        { details: { file: path, value: tensor.type }, hint: "Save it as float32." },
      );
    }
    return readMatrix(file, {
      shape: tensor.shape,
      type: tensor.type,
      littleEndian: true,
      byColumn: false,
      start: start + tensor.begin,
      end: start + tensor.end,
    });
  });
}

function chosen(path: string, tensors: readonly Tensor[], name: string | undefined): Tensor {
  const candidates = tensors.filter((tensor) =>
    name === undefined ? tensor.shape.length === 2 : tensor.name === name,
  );
  if (candidates.length === 1) return candidates[0]!;
  const names = (candidates.length > 0 ? candidates : tensors)
    .map((tensor) => `${printable(tensor.name)} (${tensor.shape.join(" x ")})`)
    .join(", ");
  const found = candidates.length > 0 ? "several" : "no";
  throw new ProRecError(
    "SHAPE_MISMATCH",
    `${printablePath(path)} holds ${found} ${name === undefined ? "2-D tensors" : `tensor called ${printable(name)}`}: ${names || "it is empty"}.`,
    { details: { file: path }, hint: "Save the tensor of rows x factors alone in a file." },
  );
}

/** Checks the header against the file: every byte after it belongs to exactly one tensor. */
async function readHeader(file: BinaryFile): Promise<{ tensors: Tensor[]; start: number }> {
  const prefix = Buffer.alloc(8);
  if (file.size < prefix.length) throw corrupt(file.name, `it has just ${file.size} bytes`);
  await file.read(0, prefix);
  const length = Number(prefix.readBigUInt64LE());
  if (length > Math.min(LARGEST_HEADER, file.size - 8)) {
    throw corrupt(file.name, `it announces a header of ${length} bytes and has ${file.size} bytes in all`);
  }
  const bytes = Buffer.alloc(length);
  await file.read(8, bytes);
  let tensors: Tensor[];
  try {
    tensors = Object.entries(JSON.parse(bytes.toString()))
      .filter(([name]) => name !== "__metadata__")
      .map(([name, entry]) => parseTensor(name, entry));
  } catch (error) {
    throw corrupt(file.name, "its header can't be read", error);
  }
  const start = 8 + length;
  let covered = 0;
  for (const { name, type, shape, begin, end } of tensors.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (
      begin !== covered ||
      end < begin ||
      (isNumberType(type) && tensorBytes(shape, type) !== end - begin)
    ) {
      throw corrupt(file.name, `the tensor ${printable(name)} has bytes ${begin} to ${end}, which can't be`);
    }
    covered = end;
  }
  if (start + covered !== file.size) {
    throw corrupt(file.name, `its tensors end at byte ${start + covered}, the file at ${file.size}`);
  }
  return { tensors, start };
}

/** @throws TypeError unless `entry` is {dtype, shape, data_offsets}. */
function parseTensor(name: string, entry: unknown): Tensor {
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (typeof dtype !== "string" || !areCounts(shape) || !areCounts(offsets) || offsets.length !== 2) {
    throw new TypeError(`The entry of ${name} is not a tensor's.`);
  }
  return { name, type: dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}

function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
