import { writeFileSync } from "node:fs";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { ProRecError } from "../src/errors.ts";
import { readNpy } from "../src/io/npy.ts";
import { readSafetensors } from "../src/io/safetensors.ts";
import { openSource } from "../src/io/source.ts";
import { type Random, randomFor } from "../src/random.ts";

/** Reading a small file takes far less, whatever is in it. */
const LONGEST_MILLISECONDS = 5000;
/** What all cases of a format may add to the process. */
const MOST_MEMORY = 512 * 2 ** 20;

/** A small whole file, and what reads all of it. */
export interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  read(path: string): Promise<unknown>;
}

async function readLog(path: string): Promise<void> {
  const source = await openSource(path);
  try {
    for await (const batch of source.batches()) {
      for (const cells of batch.columns)
        if (cells.length !== batch.length) throw new Error("A cell is missing.");
    }
  } finally {
    await source.close();
  }
}

/** Small files of every format that is read. `folder.file` gives paths to write at. */
export async function subjects(folder: {
  file(name: string, content?: Uint8Array): string;
}): Promise<Subject[]> {
  const text = Array.from({ length: 40 }, (_, n) => `u${n % 7},"i ${n}",${n % 5}\n`).join("");
  const csv = Buffer.from(`user,item,rating\n${text}`);
  const json = Buffer.from(
    Array.from({ length: 30 }, (_, n) => `{"user":"u${n % 7}","item":${n},"x":[${n}]}\n`).join(""),
  );
  const numbers = new Uint8Array(Float32Array.from({ length: 24 }, (_, n) => n / 7).buffer);
  const log = (name: string, bytes: Uint8Array): Subject => ({ name, bytes, read: readLog });
  return [
    log("csv", csv),
    log("csv.gz", Buffer.concat([gzipSync(csv), gzipSync(text)])),
    log("ndjson", json),
    ...(await parquets(folder)).map((bytes, index) => log(`parquet ${index}`, bytes)),
    log("npz stored", npz(false)),
    log("npz", npz(true)),
    { name: "npy", bytes: Buffer.concat([npyHeader("<f4", "(6, 4)"), numbers]), read: readNpy },
    { name: "safetensors", bytes: safetensors(numbers), read: readSafetensors },
  ];
}

/** Parquet by DuckDB in all its codecs and encodings, with nulls, a dictionary and two row groups. */
async function parquets(folder: { file(name: string): string }): Promise<Uint8Array[]> {
  const { readFile } = await import("node:fs/promises");
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  const files: Uint8Array[] = [];
  for (const codec of ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"]) {
    for (const version of ["V1", "V2"]) {
      const path = folder.file(`${codec}.${version}.parquet`);
      const columns =
        "'u' || n % 9 AS user, n * 7 AS item, CASE WHEN n % 4 = 0 THEN NULL ELSE n / 3 END AS rating, 'text ' || n AS note, n % 3 = 0 AS liked";
      await connection.run(
        `COPY (SELECT ${columns} FROM range(120) log(n)) TO '${path}' (FORMAT parquet, CODEC '${codec}', PARQUET_VERSION ${version})`,
      );
      files.push(await readFile(path));
    }
  }
  return files;
}

/** A header of 128 bytes as numpy writes it. */
export function npyHeader(descr: string, shape: string): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const prefix = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${text.padEnd(117)}\n`, "latin1");
  return prefix;
}

function safetensors(numbers: Uint8Array): Buffer {
  const header = JSON.stringify({ w: { dtype: "F32", shape: [6, 4], data_offsets: [0, numbers.length] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), numbers]);
}

/** A CSR matrix of 6 x 4 as save_npz writes it; the parts packed by `zipped`. */
function npz(deflated: boolean): Buffer {
  const array = (descr: string, shape: string, data: ArrayBufferView) =>
    Buffer.concat([npyHeader(descr, shape), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
  return zipped(
    {
      "indices.npy": array("<i4", "(7,)", Int32Array.of(0, 1, 3, 2, 0, 1, 3)),
      "indptr.npy": array("<i4", "(7,)", Int32Array.of(0, 1, 3, 3, 4, 5, 7)),
      "format.npy": array("|S3", "()", Buffer.from("csr")),
      "shape.npy": array("<i8", "(2,)", BigInt64Array.of(6n, 4n)),
      "data.npy": array("<f4", "(7,)", Float32Array.of(1, 2, 3, 4, 5, 6, 7)),
    },
    deflated,
  );
}

/** A ZIP archive. */
export function zipped(files: Readonly<Record<string, Buffer>>, deflated: boolean): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = deflated ? deflateRawSync(content) : content;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(deflated ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, place, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** One of the ways in which files break; half of the time near their ends, where headers and footers are. */
function damaged(bytes: Uint8Array, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const place = () => {
    const at = random.below(copy.length);
    const near = Math.min(copy.length, 256);
    return [at, at, at % near, copy.length - 1 - (at % near)][random.below(4)]!;
  };
  const at = place();
  switch (random.below(6)) {
    case 0:
      for (let flips = 1 + random.below(3); flips > 0; flips--) copy[place()]! ^= 1 << random.below(8);
      return copy;
    case 1:
      return copy.subarray(0, at);
    case 2: {
      const end = Math.min(copy.length, at + 1 + random.below(8));
      return copy.fill([0x00, 0x7f, 0x80, 0xff][random.below(4)]!, at, end);
    }
    case 3: {
      const length = [2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 60n, 2n ** 63n - 1n][random.below(4)]!;
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(length);
      field.copy(copy, at, 0, length < 2n ** 32n ? 4 : 8);
      return copy;
    }
    case 4:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + random.below(16))]);
    default:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(place())]);
  }
}

/**
 * Reads `count` damaged copies, each from `path`. Gives how many were read and how often each error came.
 * @throws Error that names the case, for an error without a code of ours, a long time or much memory
 */
export async function readDamaged(
  { name, bytes, read }: Subject,
  path: string,
  count: number,
): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  const memory = process.memoryUsage().rss;
  for (let index = 0; index < count; index++) {
    const random = randomFor(1, `damage ${name}`, index);
    writeFileSync(path, damaged(bytes, random));
    const started = performance.now();
    const outcome = await read(path).then(
      () => "read",
      (error) => {
        if (error instanceof ProRecError) return error.code;
        throw new Error(`${name}, case ${index}: ${error}`, { cause: error });
      },
    );
    const milliseconds = performance.now() - started;
    if (milliseconds > LONGEST_MILLISECONDS)
      throw new Error(`${name}, case ${index} took ${milliseconds} ms`);
    const added = index % 50 === 0 ? process.memoryUsage.rss() - memory : 0; // memory once taken stays for a while
    if (added > MOST_MEMORY) throw new Error(`${name}, case ${index}: ${added} bytes more are in memory`);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}
