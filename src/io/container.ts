import { createHash } from "node:crypto";
import { ProRecError } from "../errors.ts";
import { throwIfAborted } from "../progress.ts";
import { createAtomicFile } from "./atomic.ts";
import { type BinaryFile, byteChunks, corrupt, MAGIC } from "./binary.ts";
import { sha256, withBinaryFile } from "./disk.ts";
import { printable, printablePath } from "./printable.ts";

const VERSION = 1;
const ALIGNMENT = 64;
const CHECKSUM_BYTES = 32;

const ARRAYS = {
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** What a container holds: JSON and named arrays. */
export interface Container {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sections: Readonly<Record<string, TypedArray>>;
}

interface Header {
  readonly kind: string;
  readonly version: number;
  readonly metadata: Container["metadata"];
  readonly sections: readonly Section[];
}

interface Section {
  readonly name: string;
  readonly type: keyof typeof ARRAYS;
  /** In numbers. */
  readonly length: number;
  /** In bytes from the first section; a multiple of 64. */
  readonly offset: number;
}

/**
 * Writes the binary file behind models, checkpoints and shards: the magic `PRORECB1`, the header's length (uint32),
 * the header (JSON), the sections (little-endian, each starting at a multiple of 64 bytes) and a SHA-256 of all that.
 * `kind` says what the sections mean, e.g. "model/svd".
 * @throws ProRecError UNWRITABLE_FILE, ABORTED; no partial file is left
 */
export async function writeContainer(
  path: string,
  content: Container & { readonly kind: string },
  signal?: AbortSignal,
): Promise<void> {
  const { kind, metadata, sections } = content;
  const layout: Section[] = [];
  let end = 0;
  for (const [name, array] of Object.entries(sections)) {
    const offset = aligned(end);
    layout.push({ name, type: array[Symbol.toStringTag], length: array.length, offset });
    end = offset + array.byteLength;
  }
  const header = Buffer.from(
    JSON.stringify({ kind, version: VERSION, metadata, sections: layout } satisfies Header),
  );
  const prefix = Buffer.alloc(MAGIC.length + 4);
  prefix.write(MAGIC);
  prefix.writeUInt32LE(header.length, MAGIC.length);

  const file = await createAtomicFile(path);
  const hash = createHash("sha256");
  let written = 0;
  const put = async (array: ArrayBufferView) => {
    for (const bytes of byteChunks(array)) {
      throwIfAborted(signal);
      hash.update(bytes);
      await file.write(bytes);
    }
    written += array.byteLength;
  };
  try {
    await put(prefix);
    await put(header);
    for (const array of Object.values(sections)) {
      await put(new Uint8Array(aligned(written) - written));
      await put(array);
    }
    throwIfAborted(signal);
    await file.write(hash.digest());
    await file.commit();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/**
 * Reads a container back.
 * @throws ProRecError CORRUPT_FILE if a byte is wrong or missing; UNSUPPORTED_FORMAT if it is of another kind or
 * version; TOO_LARGE if a section doesn't fit into an array here; UNREADABLE_FILE.
 */
export function readContainer(path: string, kind: string): Promise<Container> {
  return withBinaryFile(path, async (file) => {
    await verify(file);
    const prefix = Buffer.alloc(MAGIC.length + 4);
    await file.read(0, prefix);
    const bytes = Buffer.alloc(prefix.readUInt32LE(MAGIC.length));
    await file.read(prefix.length, bytes);
    const header: Header = JSON.parse(bytes.toString());
    if (header.version !== VERSION || header.kind !== kind) {
      throw new ProRecError(
        "UNSUPPORTED_FORMAT",
        `${printablePath(path)} holds ${printable(header.kind)}, version ${header.version}; ${kind}, version ${VERSION}, is needed.`,
        { details: { file: path, value: header.kind }, hint: "Give the file that this was saved to." },
      );
    }
    const start = aligned(prefix.length + bytes.length);
    const sections: [string, TypedArray][] = [];
    for (const { name, type, length, offset } of header.sections) {
      const array = allocate(path, name, type, length);
      let position = start + offset;
      for (const bytes of byteChunks(array)) {
        await file.read(position, bytes);
        position += bytes.length;
      }
      sections.push([name, array]);
    }
    return { metadata: header.metadata, sections: Object.fromEntries(sections) };
  });
}

/** After this every byte is as it was written. */
async function verify(file: BinaryFile): Promise<void> {
  const magic = Buffer.alloc(MAGIC.length);
  const end = file.size - CHECKSUM_BYTES;
  if (end < magic.length) throw corrupt(file.name, `it has just ${file.size} bytes`);
  await file.read(0, magic);
  if (magic.toString("latin1") !== MAGIC) throw corrupt(file.name, "it doesn't begin like a file of ProRec");
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  await file.read(end, checksum);
  if (!checksum.equals(await sha256(file, end))) {
    throw corrupt(file.name, "its checksum is wrong, so it was cut or altered");
  }
}

function allocate(path: string, name: string, type: Section["type"], length: number): TypedArray {
  try {
    return new ARRAYS[type](length);
  } catch (cause) {
    throw new ProRecError(
      "TOO_LARGE",
      `${printablePath(path)}: the section ${printable(name)} has ${length} numbers, more than fit into one array here.`,
      { details: { file: path }, cause },
    );
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
