import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, utimesSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import type { CompressionCodec, SchemaElement } from "hyparquet";
import { parquetReadObjects } from "hyparquet";
import { ByteWriter, ParquetWriter, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { rowsOf, temporaryFolder } from "../../test/files.ts";
import { createAtomicFile } from "./atomic.ts";
import { cellText } from "./cell.ts";
import { Instant } from "./instant.ts";
import { createParquetSink, openParquet } from "./parquet.ts";
import type { Cell, Column, ColumnKind } from "./rows.ts";

const folder = temporaryFolder();
const ODD_TEXTS = [
  "007",
  " x ",
  "1e5",
  "",
  "👩‍👩‍👧",
  "__proto__",
  "constructor",
  "\ufeffa",
  "a,b",
  "\n",
  '"',
  "\u001b[31m",
];

type Columns = Parameters<typeof parquetWriteBuffer>[0]["columnData"];
const written = (columnData: Columns, options: object = {}) =>
  folder.file("written.parquet", new Uint8Array(parquetWriteBuffer({ columnData, ...options })));

async function readRows(path: string): Promise<{ columns: readonly Column[]; rows: (Cell | number)[][] }> {
  const source = await openParquet(path);
  return { columns: source.columns, rows: await rowsOf(source.batches()) };
}

async function writeRows(path: string, columns: readonly Column[], cells: Cell[][]): Promise<void> {
  const sink = createParquetSink(await createAtomicFile(path), columns);
  await sink.write(cells, cells[0]!.length);
  await sink.commit();
}

/** Reads and writes again what `path` holds; gives the copy's path. */
async function copied(path: string): Promise<string> {
  const copy = folder.file("copy.parquet");
  const source = await openParquet(path);
  const sink = createParquetSink(await createAtomicFile(copy), source.columns);
  for await (const batch of source.batches()) await sink.write(batch.columns, batch.length);
  await sink.commit();
  return copy;
}

const kinds = (columns: readonly Column[]) => columns.map(({ name, kind }) => [name, kind]);

/** Eight rows of every type that hyparquet-writer writes and a cell holds. */
const EVERY_TYPE: {
  name: string;
  kind: ColumnKind;
  element: Omit<SchemaElement, "name">;
  data: Cell[];
  /** What hyparquet-writer takes for it, where that differs. */
  stored?: Cell[];
}[] = [
  {
    name: "text",
    kind: "text",
    element: { type: "BYTE_ARRAY", converted_type: "UTF8" },
    data: ["007", " x ", null, "", "😀", "__proto__", "\ufeffa", "b"],
  },
  {
    name: "logical text",
    kind: "text",
    element: { type: "BYTE_ARRAY", logical_type: { type: "STRING" } },
    data: ["é", "e\u0301", "1e5", "9007199254740993", "", null, "a", "b"],
  },
  {
    name: "int32",
    kind: "integer",
    element: { type: "INT32" },
    data: [0, -1, 2147483647, -2147483648, null, 5, 6, 7],
  },
  {
    name: "int64",
    kind: "integer",
    element: { type: "INT64" },
    data: [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n, null, 6n, 7n],
  },
  {
    name: "uint32",
    kind: "integer",
    element: { type: "INT32", converted_type: "UINT_32" },
    data: [0, 4294967295, 2147483648, null, 4, 5, 6, 7],
  },
  {
    name: "uint64",
    kind: "integer",
    element: { type: "INT64", converted_type: "UINT_64" },
    data: [0n, 2n ** 64n - 1n, 2n ** 63n, null, 4n, 5n, 6n, 7n],
  },
  {
    name: "int8",
    kind: "integer",
    element: { type: "INT32", logical_type: { type: "INTEGER", bitWidth: 8, isSigned: true } },
    data: [0, -128, 127, null, 4, 5, 6, 7],
  },
  {
    name: "float",
    kind: "number",
    element: { type: "FLOAT" },
    data: [0, -0, 1.5, Math.fround(0.1), NaN, Infinity, null, 7],
  },
  {
    name: "double",
    kind: "number",
    element: { type: "DOUBLE" },
    data: [0, -0, 0.1, 5e-324, NaN, -Infinity, null, 1.7976931348623157e308],
  },
  {
    name: "half",
    kind: "number",
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } },
    data: [0, 1, -2, 65504, 0.5, 5, 6, 7],
  },
  {
    name: "boolean",
    kind: "boolean",
    element: { type: "BOOLEAN" },
    data: [true, false, null, true, true, false, false, true],
  },
  {
    name: "date",
    kind: "timestamp",
    element: { type: "INT32", converted_type: "DATE" },
    data: [new Date(0), new Date("1969-12-31"), new Date("2024-02-29"), null, ...days(4)],
  },
  {
    name: "logical date",
    kind: "timestamp",
    element: { type: "INT32", logical_type: { type: "DATE" } },
    data: days(8),
    stored: range(0, 8),
  },
  {
    name: "milliseconds",
    kind: "timestamp",
    element: { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
    data: [new Date(0), new Date(-1), new Date(1700000000123), null, ...days(4)],
  },
  {
    name: "bytes",
    kind: "bytes",
    element: { type: "BYTE_ARRAY" },
    data: [Uint8Array.of(), Uint8Array.of(255, 0), null, ...five(Uint8Array.of(65))],
  },
  {
    name: "fixed",
    kind: "bytes",
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2 },
    data: [null, Uint8Array.of(1, 2), Uint8Array.of(3, 4), ...five(Uint8Array.of(255, 0))],
  },
  {
    name: "uuid",
    kind: "text",
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } },
    data: [
      null,
      null,
      "0f8fad5b-d9cb-469f-a165-70867728950e",
      ...five("00000000-0000-0000-0000-000000000000"),
    ],
  },
  {
    name: "time",
    kind: "integer",
    element: { type: "INT64", logical_type: { type: "TIME", isAdjustedToUTC: true, unit: "MICROS" } },
    data: [0n, 86_399_999_999n, null, ...five(1n)],
  },
  {
    name: "null",
    kind: "integer",
    element: { type: "INT32", logical_type: { type: "NULL" } },
    data: Array<null>(8).fill(null),
  },
];

function days(count: number): Date[] {
  return Array.from({ length: count }, (_, day) => new Date(day * 86_400_000));
}

function five<T>(value: T): T[] {
  return Array<T>(5).fill(value);
}

function everyType(options: object = {}): string {
  const schema: SchemaElement[] = [
    { name: "root", num_children: EVERY_TYPE.length },
    ...EVERY_TYPE.map(
      ({ name, element }): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...element }),
    ),
  ];
  return written(
    EVERY_TYPE.map(({ name, data, stored }) => ({ name, data: stored ?? data })),
    { schema, ...options },
  );
}

describe("openParquet", () => {
  it("reads every type, exactly, with its kind", async () => {
    for (const options of [{}, { codec: "UNCOMPRESSED" }, { rowGroupSize: 3 }, { pageSize: 8 }]) {
      const { columns, rows } = await readRows(everyType(options));
      expect(kinds(columns)).toEqual(EVERY_TYPE.map(({ name, kind }) => [name, kind]));
      expect(rows).toEqual(
        Array.from({ length: 8 }, (_, r) => [r + 1, ...EVERY_TYPE.map(({ data }) => data[r])]),
      );
    }
  });

  it("copies every type into the same type", async () => {
    const original = await openParquet(everyType());
    const rows = await rowsOf(original.batches());
    const copy = await openParquet(await copied(original.name));
    expect(await rowsOf(copy.batches())).toEqual(rows);
    expect(copy.columns).toEqual(original.columns);
  });

  it.each<[CompressionCodec, ((input: Uint8Array) => Uint8Array) | undefined]>([
    ["UNCOMPRESSED", undefined],
    ["SNAPPY", undefined],
    ["GZIP", gzipSync],
    ["BROTLI", brotliCompressSync],
    ["ZSTD", zstdStored],
  ])("reads %s", async (codec, compress) => {
    const data = Array.from({ length: 2000 }, (_, k) => `item ${k % 90} ${k}`);
    const path = written([{ name: "item", data }], {
      codec,
      ...(compress && { compressors: { [codec]: compress } }),
    });
    expect((await readRows(path)).rows).toEqual(data.map((cell, row) => [row + 1, cell]));
  });

  it("keeps what is finer than a millisecond", async () => {
    const counts = [0n, 1n, -1n, 1_700_000_000_123_456n, -1_700_000_000_123_456n, 999_000n];
    for (const [unit, scale] of [
      ["MICROS", 1000n],
      ["NANOS", 1n],
    ] as const) {
      const schema: SchemaElement[] = [
        { name: "root", num_children: 1 },
        {
          name: "at",
          type: "INT64",
          repetition_type: "REQUIRED",
          logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit },
        },
      ];
      const path = written([{ name: "at", data: counts }], { schema });
      const { columns, rows } = await readRows(path);
      expect(columns[0]!.kind).toBe("timestamp");
      expect(rows.map(([, cell]) => (cell as Instant).nanoseconds)).toEqual(
        counts.map((count) => count * scale),
      );
      const raw = await parquetReadObjects({
        file: buffer(readFileSync(await copied(path))),
        parsers: { timestampFromMicroseconds: (count) => count, timestampFromNanoseconds: (count) => count },
      });
      expect(raw.map(({ at }) => at)).toEqual(counts);
    }
    expect(cellText(new Instant(1_700_000_000_123_456_700n))).toBe("2023-11-14T22:13:20.1234567Z");
    expect(cellText(new Instant(-1n))).toBe("1969-12-31T23:59:59.999999999Z");
    expect(cellText(new Instant(5_000_000n))).toBe("1970-01-01T00:00:00.005Z");
  });

  it("reads the timestamps of older writers (INT96) and writes them as INT64", async () => {
    const nanoseconds = 1_700_000_000_123_456_789n;
    const day = 86_400_000_000_000n;
    const stored = Buffer.alloc(12);
    stored.writeBigUInt64LE(nanoseconds % day);
    stored.writeUInt32LE(Number(nanoseconds / day + 2_440_588n), 8);
    const element: SchemaElement = {
      name: "at",
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: 12,
      repetition_type: "OPTIONAL",
    };
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({
      writer,
      schema: [{ name: "root", num_children: 1 }, element],
      statistics: false,
    });
    parquet.write({ columnData: [{ name: "at", data: [new Uint8Array(stored), null] }] });
    element.type = "INT96"; // hyparquet-writer can't write it, but the bytes are the same
    parquet.row_groups[0]!.columns[0]!.meta_data!.type = "INT96";
    parquet.finish();
    const path = folder.file("int96.parquet", new Uint8Array(writer.getBuffer()));
    for (const file of [path, await copied(path)]) {
      const { columns, rows } = await readRows(file);
      expect(columns[0]!.kind).toBe("timestamp");
      expect(rows).toEqual([
        [1, new Instant(nanoseconds)],
        [2, null],
      ]);
    }
  });

  it("numbers rows across row groups and slices, and cuts batches", async () => {
    const count = 150_000;
    const data = Array.from({ length: count }, (_, k) => `user${k % 1000}`);
    const numbers = Int32Array.from({ length: count }, (_, k) => k);
    for (const offsetIndex of [true, false]) {
      const columns = [
        { name: "user", data, offsetIndex },
        { name: "n", data: numbers, offsetIndex },
      ];
      const source = await openParquet(written(columns, { rowGroupSize: 140_000, pageSize: 5000 }));
      let row = 0;
      for await (const batch of source.batches()) {
        expect(batch.length).toBeLessThanOrEqual(10_000);
        expect(batch.rowNumber(0)).toBe(row + 1);
        for (let k = 0; k < batch.length; k++, row++) {
          if (batch.columns[1]![k] !== row || batch.columns[0]![k] !== data[row])
            throw new Error(`row ${row}`);
        }
        expect(source.progress!().done).toBeLessThanOrEqual(source.progress!().total);
      }
      expect(row).toBe(count);
      expect(source.progress!().done).toBe(source.progress!().total);
    }
  });

  it("gives the SHA-256 of the file", async () => {
    const path = everyType();
    const source = await openParquet(path, "standard input");
    await rowsOf(source.batches());
    expect(source.digest()).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
    expect(source).toMatchObject({ name: "standard input", files: [path] });
    await source.close();
  });

  it("finds that the file changed between and within passes", async () => {
    const one = { name: "n", data: [1, 2, 3] };
    const changed = { code: "INPUT_CHANGED", message: expect.stringContaining("written.parquet") };
    const source = await openParquet(written([one]));
    expect(await rowsOf(source.batches())).toHaveLength(3);
    expect(await rowsOf(source.batches())).toHaveLength(3);
    written([{ name: "n", data: [1, 2, 4] }]);
    await expect(rowsOf(source.batches())).rejects.toMatchObject(changed);
    renameSync(written([one]), folder.file("moved.parquet"));
    await expect(rowsOf(source.batches())).rejects.toMatchObject({ code: "UNREADABLE_FILE" });

    const other = await openParquet(written([one]));
    const pass = other.batches()[Symbol.asyncIterator]();
    await pass.next();
    utimesSync(other.name, 1, 1);
    await expect(pass.next()).rejects.toMatchObject(changed);
  });

  it("stops when the signal fires", async () => {
    const source = await openParquet(everyType());
    await expect(rowsOf(source.batches(AbortSignal.abort()))).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("refuses by name what it can't keep", async () => {
    const flat = { type: "INT32", repetition_type: "REQUIRED" } as const;
    const cases: [SchemaElement[], Columns[number]["data"], RegExp][] = [
      [
        [
          { name: "tags", repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
          { name: "list", repetition_type: "REPEATED", num_children: 1 },
          { name: "element", ...flat },
        ],
        [[1], [2, 3]],
        /"tags" is nested/,
      ],
      [
        [
          { name: "address", repetition_type: "OPTIONAL", num_children: 1 },
          { name: "city", ...flat },
        ],
        [{ city: 1 }, { city: 2 }],
        /"address" is nested/,
      ],
      [
        [{ name: "price", ...flat, converted_type: "DECIMAL", scale: 2, precision: 9 }],
        [1.5, 2],
        /"price".*DECIMAL/,
      ],
    ];
    for (const [elements, data, message] of cases) {
      const schema = [{ name: "root", num_children: 1 }, ...elements];
      await expect(
        openParquet(written([{ name: elements[0]!.name, data }], { schema })),
      ).rejects.toMatchObject({
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringMatching(message),
        details: { column: elements[0]!.name },
      });
    }
    const twice = written([
      { name: "a", data: [1] },
      { name: "b", data: [1] },
    ]);
    const bytes = readFileSync(twice);
    for (let at = bytes.indexOf("b"); at >= 0; at = bytes.indexOf("b", at + 1)) bytes[at] = 0x61;
    await expect(openParquet(folder.file("twice.parquet", bytes))).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining('"a" is there twice'),
    });
  });

  it("says CORRUPT_FILE wherever a file is cut", async () => {
    const data = Array.from({ length: 300 }, (_, k) => `item-${k * 7919}`);
    const columns: Columns = [
      { name: "item", data },
      { name: "n", data: data.map((_, k) => (k % 3 ? k : null)) },
    ];
    const whole = readFileSync(written(columns, { rowGroupSize: 100, pageSize: 500 }));
    const path = folder.file("cut.parquet");
    for (let length = 0; length < whole.length; length += 13) {
      folder.file("cut.parquet", whole.subarray(0, length));
      await expect(readRows(path), `cut at ${length}`).rejects.toMatchObject({
        code: "CORRUPT_FILE",
        details: { file: path },
      });
    }
  });

  it("answers a damaged page header or footer with a named error, never with a hang", async () => {
    const data = Array.from({ length: 40 }, (_, k) => `item-${k * 7919}`);
    const whole = readFileSync(written([{ name: "item", data }], { codec: "UNCOMPRESSED" }));
    const headers = [
      ...range(4, 30),
      ...range(whole.length - whole.readUInt32LE(whole.length - 8) - 8, whole.length),
    ];
    for (const at of headers) {
      for (const bit of [0x80, 0x01]) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= bit;
        const outcome = await readRows(folder.file("damaged.parquet", damaged)).catch((error) => error.code);
        expect(typeof outcome === "object" || /^[A-Z_]+$/.test(outcome), `byte ${at}: ${outcome}`).toBe(true);
      }
    }
  });

  it("says CORRUPT_FILE for text that is not UTF-8, other files and dates that can't be", async () => {
    const path = written([{ name: "item", data: ["abcdef", "ghijkl"] }], {
      codec: "UNCOMPRESSED",
      statistics: false,
    });
    const bytes = readFileSync(path);
    bytes[bytes.indexOf("cdef")] = 0xff;
    folder.file("written.parquet", bytes);
    await expect(readRows(path)).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      message: expect.stringMatching(/rows 1 to 2 of its column "item"/),
    });
    await expect(openParquet(folder.file("x.parquet", "user,item\nu1,i1\n"))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
    });
    const data = [8_640_000_000_000_001n];
    const schema = [
      { name: "root", num_children: 1 },
      { name: "at", type: "INT64", repetition_type: "REQUIRED", converted_type: "TIMESTAMP_MILLIS" },
    ];
    await expect(readRows(written([{ name: "at", data }], { schema }))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
    });
  });

  it("says that there are no rows", async () => {
    const source = await openParquet(written([{ name: "user", data: [], type: "STRING" }]));
    expect(kinds(source.columns)).toEqual([["user", "text"]]);
    await expect(rowsOf(source.batches())).rejects.toMatchObject({ code: "BAD_ROW" });
  });
});

describe("createParquetSink", () => {
  const columns: Column[] = [
    { name: "user", kind: "text" },
    { name: "n", kind: "integer" },
    { name: "__proto__", kind: "number" },
    { name: "flag", kind: "boolean" },
    { name: "at", kind: "timestamp" },
    { name: "raw", kind: "bytes" },
  ];
  const row = fc.tuple(
    fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom(...ODD_TEXTS)),
    fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger()),
    fc.double(),
    fc.boolean(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
  );
  const rows = fc.array(fc.tuple(row, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 })), {
    minLength: 1,
  });

  it("is read back by us as it was written, kinds and nulls too", async () => {
    const path = folder.file("property.parquet");
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        const cells = columns.map((_, c) =>
          drawn.map(([row, nulls]) => (nulls[c] ? null : (row[c] as Cell))),
        );
        await writeRows(path, columns, cells);
        const read = await readRows(path);
        expect(kinds(read.columns)).toEqual(kinds(columns));
        const integers = cells[1]!.map((cell) => (typeof cell === "number" ? BigInt(cell) : cell));
        expect(read.rows).toEqual(
          drawn.map((_, r) => [r + 1, ...cells.map((column, c) => (c === 1 ? integers[r] : column[r]))]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("is read by hyparquet alone as it was written", async () => {
    const path = folder.file("theirs.parquet");
    const texts = ODD_TEXTS.filter((text) => !text.startsWith("\ufeff")); // their decoder drops it
    await writeRows(path, columns.slice(0, 3), [
      texts,
      texts.map((_, k) => (k === 0 ? 9007199254740993n : k)),
      texts.map((_, k) => (k === 0 ? null : k / 3)),
    ]);
    const read = await parquetReadObjects({ file: buffer(readFileSync(path)), columns: ["user", "n"] });
    expect(read.map(({ user }) => user)).toEqual(texts);
    expect(read.map(({ n }) => n)).toEqual(texts.map((_, k) => (k === 0 ? 9007199254740993n : BigInt(k))));
  });

  it("writes row groups as it goes, and nothing under the name before commit", async () => {
    const path = folder.file("stream.parquet");
    const sink = createParquetSink(await createAtomicFile(path), columns.slice(0, 2));
    const sizes: number[] = [];
    for (let start = 0; start < 210_000; start += 70_000) {
      const numbers = Array.from({ length: 70_000 }, (_, k) => start + k);
      await sink.write([numbers.map((n) => `user${n}`), numbers], numbers.length);
      expect(readdirSync(folder.path)).not.toContain("stream.parquet");
      const part = readdirSync(folder.path).find((name) => name.startsWith(".stream.parquet"))!;
      sizes.push(readFileSync(folder.file(part)).length);
    }
    expect(sizes[0]).toBe(0);
    expect(sizes[1]).toBeGreaterThan(500_000);
    await sink.commit();
    expect(readdirSync(folder.path).filter((name) => name.includes("stream"))).toEqual(["stream.parquet"]);
    let count = 0;
    for await (const batch of (await openParquet(path)).batches()) {
      expect(batch.columns[0]![0]).toBe(`user${count}`);
      expect(batch.columns[1]![0]).toBe(BigInt(count));
      count += batch.length;
    }
    expect(count).toBe(210_000);
  });

  it("leaves nothing when abandoned", async () => {
    const before = readdirSync(folder.path);
    const sink = createParquetSink(
      await createAtomicFile(folder.file("abandoned.parquet")),
      columns.slice(0, 1),
    );
    await sink.write([["a"]], 1);
    await sink.abandon();
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it.each<[ColumnKind, Cell]>([
    ["integer", "12"],
    ["integer", 1.5],
    ["integer", 2n ** 63n],
    ["number", "12"],
    ["boolean", 1],
    ["timestamp", "2024-01-01"],
    ["bytes", "a"],
  ])("names the row and column of a cell that doesn't fit: %s %s", async (kind, cell) => {
    const sink = createParquetSink(await createAtomicFile(folder.file("misfit.parquet")), [
      { name: "c", kind },
    ]);
    await sink.write([[null, null]], 2);
    await expect(sink.write([[null, cell]], 2)).rejects.toMatchObject({
      code: "BAD_ROW",
      details: { row: 4, column: "c", value: String(cell) },
    });
    await sink.abandon();
  });

  it("refuses to narrow: a wider value in a column that came from Parquet", async () => {
    const { columns } = await readRows(
      written([
        { name: "n", data: Int32Array.of(1) },
        { name: "x", data: Float32Array.of(1) },
      ]),
    );
    for (const cells of [
      [[2n ** 31n], [1]],
      [[1], [0.1]],
    ]) {
      const sink = createParquetSink(await createAtomicFile(folder.file("narrow.parquet")), columns);
      await expect(sink.write(cells, 1)).rejects.toMatchObject({ code: "BAD_ROW" });
      await sink.abandon();
    }
  });

  it("takes the kind it is told where that differs from the file's", async () => {
    const { columns } = await readRows(written([{ name: "rating", data: ["4", "5"] }]));
    const path = folder.file("kind.parquet");
    await writeRows(path, [{ ...columns[0]!, kind: "integer" }], [[4, 5]]);
    const read = await readRows(path);
    expect(kinds(read.columns)).toEqual([["rating", "integer"]]);
    expect(read.rows).toEqual([
      [1, 4n],
      [2, 5n],
    ]);
  });
});

describe("cellText", () => {
  it.each<[Cell, string]>([
    ["007", "007"],
    [null, ""],
    [0.1, "0.1"],
    [9007199254740993n, "9007199254740993"],
    [true, "true"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new TextEncoder().encode("é"), "é"],
    [Uint8Array.of(255, 1), "0xff01"],
  ])("of %s is %j", (cell, text) => expect(cellText(cell)).toBe(text));
});

/** A Zstandard frame (RFC 8878) of one stored block. */
function zstdStored(input: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528);
  head[4] = 0b1010_0000; // single segment, four bytes of content size
  head.writeUInt32LE(input.length, 5);
  head.writeUIntLE(input.length * 8 + 1, 9, 3); // the last block, raw
  return Buffer.concat([head, input]);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, k) => start + k);
}

function buffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
