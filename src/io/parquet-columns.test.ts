import { readFileSync } from "node:fs";
import { parquetReadObjects, type SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../test/files.ts";
import { arrayBuffer, kindsOf, type ParquetData, parquetFolder, readParquet } from "../../test/parquet.ts";
import { Instant } from "./instant.ts";
import { openParquet } from "./parquet.ts";
import type { ParquetColumn } from "./parquet-columns.ts";
import type { Cell, ColumnKind } from "./rows.ts";

const folder = parquetFolder();

const range = (length: number) => Array.from({ length }, (_, k) => k);
const days = (count: number) => range(count).map((day) => new Date(day * 86_400_000));
const five = <T>(value: T) => Array<T>(5).fill(value);

type Type = Omit<SchemaElement, "name">;
const BYTES = { type: "BYTE_ARRAY" } as const;
const fixed = (type_length: number) => ({ type: "FIXED_LEN_BYTE_ARRAY", type_length }) as const;

/** Eight rows of every type that hyparquet-writer writes and a cell holds, and what it takes for them if not cells. */
// biome-ignore format: a table
const EVERY_TYPE: readonly [name: string, kind: ColumnKind, type: Type, cells: Cell[], taken?: Cell[]][] = [
  ["text", "text", { ...BYTES, converted_type: "UTF8" }, ["007", " x ", null, "", "😀", "__proto__", "\ufeffa", "b"]],
  ["logical text", "text", { ...BYTES, logical_type: { type: "STRING" } }, ["é", "e\u0301", "1e5", "\0", "", null, "a", "b"]],
  ["int32", "integer", { type: "INT32" }, [0, -1, 2147483647, -2147483648, null, 5, 6, 7]],
  ["int64", "integer", { type: "INT64" }, [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n, null, 6n, 7n]],
  ["uint32", "integer", { type: "INT32", converted_type: "UINT_32" }, [0, 4294967295, 2147483648, null, 4, 5, 6, 7]],
  ["uint64", "integer", { type: "INT64", converted_type: "UINT_64" }, [0n, 2n ** 64n - 1n, 2n ** 63n, null, 4n, 5n, 6n, 7n]],
  ["int8", "integer", { type: "INT32", logical_type: { type: "INTEGER", bitWidth: 8, isSigned: true } }, [0, -128, 127, null, 4, 5, 6, 7]],
  ["float", "number", { type: "FLOAT" }, [0, -0, 1.5, Math.fround(0.1), NaN, Infinity, null, 7]],
  ["double", "number", { type: "DOUBLE" }, [0, -0, 0.1, 5e-324, NaN, -Infinity, null, Number.MAX_VALUE]],
  ["half", "number", { ...fixed(2), logical_type: { type: "FLOAT16" } }, [0, 1, -2, 65504, 0.5, 5, 6, 7]],
  ["boolean", "boolean", { type: "BOOLEAN" }, [true, false, null, true, true, false, false, true]],
  ["date", "timestamp", { type: "INT32", converted_type: "DATE" }, [new Date("1969-12-31"), new Date("2024-02-29"), null, ...days(5)]],
  ["logical date", "timestamp", { type: "INT32", logical_type: { type: "DATE" } }, days(8), range(8)],
  ["milliseconds", "timestamp", { type: "INT64", converted_type: "TIMESTAMP_MILLIS" }, [new Date(-1), new Date(1700000000123), null, ...days(5)]],
  ["bytes", "bytes", BYTES, [Uint8Array.of(), Uint8Array.of(255, 0), null, ...five(Uint8Array.of(65))]],
  ["fixed", "bytes", fixed(2), [null, Uint8Array.of(1, 2), Uint8Array.of(3, 4), ...five(Uint8Array.of(255, 0))]],
  ["uuid", "text", { ...fixed(16), logical_type: { type: "UUID" } }, [null, null, null, ...five("0f8fad5b-d9cb-469f-a165-70867728950e")]],
  ["time", "integer", { type: "INT64", logical_type: { type: "TIME", isAdjustedToUTC: true, unit: "MICROS" } }, [0n, 86_399_999_999n, null, ...five(1n)]],
  ["null", "integer", { type: "INT32", logical_type: { type: "NULL" } }, [null, null, null, ...five(null)]],
];

function everyType(options: object = {}): string {
  const schema: SchemaElement[] = [
    { name: "root", num_children: EVERY_TYPE.length },
    ...EVERY_TYPE.map(([name, , type]): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...type })),
  ];
  const columnData = EVERY_TYPE.map(([name, , , cells, taken]) => ({ name, data: taken ?? cells }));
  return folder.written(columnData, { schema, ...options });
}

describe("the types of a Parquet file", () => {
  it("are read exactly, each with its kind", async () => {
    for (const options of [{}, { codec: "UNCOMPRESSED" }, { rowGroupSize: 3 }, { pageSize: 8 }]) {
      const { columns, rows } = await readParquet(everyType(options));
      expect(kindsOf(columns)).toEqual(EVERY_TYPE.map(([name, kind]) => [name, kind]));
      expect(rows).toEqual(
        Array.from({ length: 8 }, (_, r) => [r + 1, ...EVERY_TYPE.map(([, , , data]) => data[r])]),
      );
    }
  });

  it("are the same in a copy", async () => {
    const original = await openParquet(everyType());
    const rows = await rowsOf(original.batches());
    const copy = await openParquet(await folder.copied(original.name));
    expect(await rowsOf(copy.batches())).toEqual(rows);
    expect(copy.columns).toEqual(original.columns);
    const unreadable = copy.columns.filter(
      (column) => (column as ParquetColumn).element.logical_type?.type === "INTEGER",
    );
    expect(unreadable).toEqual([]); // pyarrow refuses what hyparquet-writer 0.17 makes of it
  });

  it("keep what is finer than a millisecond", async () => {
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
      const path = folder.written([{ name: "at", data: counts }], { schema });
      const { columns, rows } = await readParquet(path);
      expect(columns[0]!.kind).toBe("timestamp");
      expect(rows.map(([, cell]) => (cell as Instant).nanoseconds)).toEqual(
        counts.map((count) => count * scale),
      );
      const raw = await parquetReadObjects({
        file: arrayBuffer(readFileSync(await folder.copied(path))),
        parsers: { timestampFromMicroseconds: (count) => count, timestampFromNanoseconds: (count) => count },
      });
      expect(raw.map(({ at }) => at)).toEqual(counts);
    }
  });

  it("include the timestamps of older writers (INT96), which a copy has as INT64", async () => {
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
    for (const file of [path, await folder.copied(path)]) {
      const { columns, rows } = await readParquet(file);
      expect(columns[0]!.kind).toBe("timestamp");
      expect(rows).toEqual([
        [1, new Instant(nanoseconds)],
        [2, null],
      ]);
    }
  });

  it("are refused by name where no cell can keep them", async () => {
    const flat = { type: "INT32", repetition_type: "REQUIRED" } as const;
    const cases: [SchemaElement[], ParquetData[number]["data"], RegExp][] = [
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
        openParquet(folder.written([{ name: elements[0]!.name, data }], { schema })),
      ).rejects.toMatchObject({
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringMatching(message),
        details: { column: elements[0]!.name },
      });
    }
    const twice = folder.written([
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

  it("are read from a file that pyarrow wrote: Zstandard, second page format, three encodings", async () => {
    const { columns, rows } = await readParquet(
      new URL("../../test/fixtures/pyarrow.parquet", import.meta.url).pathname,
    );
    expect(kindsOf(columns)).toEqual([
      ["user", "text"],
      ["item", "integer"],
      ["rating", "number"],
      ["count", "integer"],
      ["liked", "boolean"],
      ["day", "timestamp"],
      ["at", "timestamp"],
    ]);
    expect(rows).toEqual(
      range(200).map((i) => {
        const cells = [
          i / 3,
          i - 100,
          i % 3 === 0,
          new Date((i - 100) * 86_400_000),
          new Instant(1_700_000_000_000_000_000n + BigInt(i) * 1000n),
        ];
        const hole = i % 10 === 3;
        return [
          i + 1,
          hole ? null : `user ${i % 7}`,
          2n ** 60n + BigInt(i),
          ...cells.map((cell) => (hole ? null : cell)),
        ];
      }),
    );
  });
});
