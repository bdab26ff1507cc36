import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { DuckDBInstance } from "@duckdb/node-api";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type * as ParquetWasm from "parquet-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { rowsOf, temporaryFolder } from "../../test/files.ts";
import { readInteractions } from "./log.ts";
import { openSource } from "./source.ts";

/** The Node build, which the package's types resolve to as well. */
const wasm: typeof ParquetWasm = createRequire(import.meta.url)("parquet-wasm");

const folder = temporaryFolder();
const ROWS = 10_000;
const BIG = 9007199254740993n;

/** What the logs hold: ids that come again, 64-bit ones beyond 2^53, nulls, unicode, texts that are all different. */
const row = (n: number) => ({
  user: n % 97 === 5 ? null : `ü😀 ${(n * 7919) % 300}`,
  item: n % 89 === 0 ? null : BIG + BigInt((n * 31) % 500),
  rating: n % 5 === 4 ? null : (n % 11) / 2,
  liked: n % 3 === 0,
  note: n % 4 === 0 ? null : `note ${n} ${"x".repeat(n % 40)}`,
  at: n % 7 === 0 ? null : new Date(1_600_000_000_000 + n * 1000),
});
const COLUMNS = `
  CASE WHEN n % 97 = 5 THEN NULL ELSE 'ü😀 ' || (n * 7919) % 300 END AS user,
  CASE WHEN n % 89 = 0 THEN NULL ELSE ${BIG} + (n * 31) % 500 END::BIGINT AS item,
  CASE WHEN n % 5 = 4 THEN NULL ELSE (n % 11) / 2 END::DOUBLE AS rating,
  n % 3 = 0 AS liked,
  CASE WHEN n % 4 = 0 THEN NULL ELSE 'note ' || n || ' ' || repeat('x', n % 40) END AS note,
  CASE WHEN n % 7 = 0 THEN NULL ELSE make_timestamp((1600000000 + n) * 1000000) END AS at`;
const expected = Array.from({ length: ROWS }, (_, n) => [n + 1, ...Object.values(row(n))]);

let ask: (statement: string) => Promise<unknown>;
beforeAll(async () => {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  ask = (statement) => connection.run(statement);
});

async function byDuckdb(name: string, options: string, columns = COLUMNS, rows = ROWS): Promise<string> {
  const path = folder.file(name);
  await ask(`COPY (SELECT ${columns} FROM range(${rows}) log(n)) TO '${path}' (${options})`);
  return path;
}

const rowsIn = async (path: string) => rowsOf((await openSource(path)).batches());

describe("Parquet of DuckDB", () => {
  const codecs = ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"];
  it.each(codecs.flatMap((codec) => ["V1", "V2"].map((version) => [codec, version])))(
    "in %s, encodings of %s, several row groups",
    async (codec, version) => {
      const options = `FORMAT parquet, CODEC '${codec}', PARQUET_VERSION ${version}, ROW_GROUP_SIZE 2048`;
      expect(await rowsIn(await byDuckdb(`${codec}.${version}.parquet`, options))).toEqual(expected);
    },
  );

  it("whose every value is null, or the same", async () => {
    const path = await byDuckdb("null.parquet", "FORMAT parquet", "NULL::BIGINT AS item, 'u' AS user", 5000);
    expect(await rowsIn(path)).toEqual(Array.from({ length: 5000 }, (_, n) => [n + 1, null, "u"]));
  });

  it("with a nested column is refused by its name", async () => {
    const path = await byDuckdb("nested.parquet", "FORMAT parquet", "n AS user, [n] AS tags", 3);
    await expect(openSource(path)).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      details: { column: "tags" },
      message: expect.stringContaining('"tags" is nested'),
    });
  });

  it("gives a log whose 64-bit ids are exact", async () => {
    const columns = `n % 3 AS user, ${BIG} + n AS item`;
    const { users, items } = await readInteractions(
      await byDuckdb("ids.parquet", "FORMAT parquet", columns, 9),
    );
    expect([...users]).toEqual(["0", "1", "2"]);
    expect([...items]).toEqual(Array.from({ length: 9 }, (_, n) => String(BIG + BigInt(n))));
  });
});

describe("Parquet of parquet-wasm (Arrow's writer in Rust)", () => {
  const { Compression, Encoding, WriterVersion } = wasm;
  const properties: Record<string, (builder: ParquetWasm.WriterPropertiesBuilder) => typeof builder> = {
    "format 2, zstd": (builder) =>
      builder.setWriterVersion(WriterVersion.V2).setCompression(Compression.ZSTD),
    "format 2, no dictionary": (builder) =>
      builder
        .setWriterVersion(WriterVersion.V2)
        .setDictionaryEnabled(false)
        .setCompression(Compression.LZ4_RAW),
    "tiny pages, gzip": (builder) => builder.setDataPageSizeLimit(300).setCompression(Compression.GZIP),
    "a dictionary that overflows into plain pages": (builder) =>
      builder.setDictionaryPageSizeLimit(2000).setCompression(Compression.SNAPPY),
    "texts as deltas": (builder) =>
      builder
        .setColumnDictionaryEnabled("note", false)
        .setColumnEncoding("note", Encoding.DELTA_BYTE_ARRAY)
        .setColumnDictionaryEnabled("user", false)
        .setColumnEncoding("user", Encoding.DELTA_LENGTH_BYTE_ARRAY)
        .setColumnDictionaryEnabled("item", false)
        .setColumnEncoding("item", Encoding.DELTA_BINARY_PACKED)
        .setColumnDictionaryEnabled("rating", false)
        .setColumnEncoding("rating", Encoding.BYTE_STREAM_SPLIT),
  };
  it.each(Object.keys(properties))("%s", async (name) => {
    const table = wasm.readParquet(readFileSync(await byDuckdb("source.parquet", "FORMAT parquet")));
    const settings = properties[name]!(new wasm.WriterPropertiesBuilder()).build();
    const path = folder.file("wasm.parquet", wasm.writeParquet(table, settings));
    expect(await rowsIn(path)).toEqual(expected);
  });
});

it("Parquet with empty row groups before, between and behind others", async () => {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: "root", num_children: 1 },
      { name: "n", type: "INT32" },
    ],
  });
  for (const data of [[], [1, 2], [], [], [3], []]) parquet.write({ columnData: [{ name: "n", data }] });
  const { columns } = parquet.row_groups[0] ?? { columns: [] };
  for (const at of [0, 2, 4])
    parquet.row_groups.splice(at, 0, { columns, num_rows: 0n, total_byte_size: 0n });
  parquet.finish();
  const path = folder.file("groups.parquet", new Uint8Array(writer.getBuffer()));
  expect(await rowsIn(path)).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

describe("text of DuckDB", () => {
  const text = "'ü\"' || n AS user, n % 7 AS item, CASE WHEN n % 2 = 0 THEN 'a,b' ELSE NULL END AS note";
  const cells = (n: number) => [`ü"${n}`, String(n % 7), n % 2 === 0 ? "a,b" : null];
  it.each([
    ["log.csv", "FORMAT csv", 2],
    ["log.csv.gz", "FORMAT csv, COMPRESSION gzip", 2],
    ["log.tsv", "FORMAT csv, DELIMITER '\t'", 2],
    ["log.ndjson", "FORMAT json", 1],
    ["log.ndjson.gz", "FORMAT json, COMPRESSION gzip", 1],
  ])("%s", async (name, options, firstRow) => {
    const rows = await rowsIn(await byDuckdb(name, options, text, 3000));
    const empty = firstRow === 2 ? "" : null;
    expect(rows).toEqual(
      Array.from({ length: 3000 }, (_, n) => [n + firstRow, ...cells(n).map((cell) => cell ?? empty)]),
    );
  });
});

it("what we write as Parquet is read by DuckDB and parquet-wasm", async () => {
  const path = await byDuckdb("original.parquet", "FORMAT parquet");
  const { createParquetSink } = await import("./parquet.ts");
  const { createAtomicFile } = await import("./atomic.ts");
  const source = await openSource(path);
  const copy = folder.file("ours.parquet");
  const sink = createParquetSink(await createAtomicFile(copy), source.columns);
  for await (const batch of source.batches()) await sink.write(batch.columns, batch.length);
  await sink.commit();
  const difference = `(SELECT * FROM '${path}' EXCEPT ALL SELECT * FROM '${copy}') UNION ALL (SELECT * FROM '${copy}' EXCEPT ALL SELECT * FROM '${path}')`;
  await ask(`COPY (${difference}) TO '${folder.file("difference.csv")}' (FORMAT csv, HEADER false)`);
  expect(statSync(folder.file("difference.csv")).size).toBe(0);
  expect(
    wasm
      .readParquet(readFileSync(copy))
      .recordBatches()
      .reduce((sum, { numRows }) => sum + numRows, 0),
  ).toBe(ROWS);
});
