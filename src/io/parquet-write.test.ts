import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { arrayBuffer, kindsOf, parquetFolder, readParquet } from "../../test/parquet.ts";
import { createAtomicFile } from "./atomic.ts";
import { createParquetSink, openParquet } from "./parquet.ts";
import type { Cell, Column, ColumnKind } from "./rows.ts";

const folder = parquetFolder();
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

async function writeRows(path: string, columns: readonly Column[], cells: Cell[][]): Promise<void> {
  const sink = createParquetSink(await createAtomicFile(path), columns);
  await sink.write(cells, cells[0]!.length);
  await sink.commit();
}

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
        const read = await readParquet(path);
        expect(kindsOf(read.columns)).toEqual(kindsOf(columns));
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
    const read = await parquetReadObjects({ file: arrayBuffer(readFileSync(path)), columns: ["user", "n"] });
    expect(read.map(({ user }) => user)).toEqual(texts);
    expect(read.map(({ n }) => n)).toEqual(texts.map((_, k) => (k === 0 ? 9007199254740993n : BigInt(k))));
  });

  it("writes row groups as it goes, and nothing under the name before commit", async () => {
    const path = folder.file("stream.parquet");
    const wide: Column[] = Array.from({ length: 16 }, (_, c) => ({
      name: `n${c}`,
      kind: c > 0 ? "integer" : "text",
    }));
    const sink = createParquetSink(await createAtomicFile(path), wide);
    const sizes: number[] = [];
    for (let start = 0; start < 120_000; start += 40_000) {
      const numbers = Array.from({ length: 40_000 }, (_, k) => start + k);
      await sink.write(
        wide.map(({ kind }) => (kind === "text" ? numbers.map(String) : numbers)),
        numbers.length,
      );
      expect(readdirSync(folder.path)).not.toContain("stream.parquet");
      const part = readdirSync(folder.path).find((name) => name.startsWith(".stream.parquet"))!;
      sizes.push(readFileSync(folder.file(part)).length);
    }
    expect(sizes[0]).toBe(0);
    expect(sizes[1]).toBeGreaterThan(500_000);
    await sink.commit();
    expect(readdirSync(folder.path).filter((name) => name.includes("stream"))).toEqual(["stream.parquet"]);
    const { row_groups } = parquetMetadata(arrayBuffer(readFileSync(path)));
    expect(row_groups.map((group) => group.num_rows)).toEqual([80_000n, 40_000n]);
    let count = 0;
    for await (const batch of (await openParquet(path)).batches()) {
      expect(batch.columns[0]![0]).toBe(String(count));
      expect(batch.columns[15]![0]).toBe(BigInt(count));
      count += batch.length;
    }
    expect(count).toBe(120_000);
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
    const { columns } = await readParquet(
      folder.written([
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

  it("keeps arrays of numbers in the type that holds them, beside parts with nulls too", async () => {
    const narrow: Column[] = [
      { name: "x", kind: "number", bits: 32 },
      { name: "n", kind: "integer", bits: 32 },
      { name: "d", kind: "number" },
      { name: "i", kind: "integer" },
    ];
    const numbers = [Math.fround(0.1), -(2 ** 31), 0.1, 2 ** 40].map((number) =>
      Float64Array.of(number, -0, 7),
    );
    for (const [name, more] of [
      ["numbers", []],
      ["nulls", [[null], [null], [null], [null]]],
    ] as const) {
      const path = folder.file(`${name}.parquet`);
      const sink = createParquetSink(await createAtomicFile(path), narrow);
      await sink.write(numbers, 3);
      if (more.length > 0) await sink.write(more, 1);
      await sink.commit();
      const { schema } = parquetMetadata(arrayBuffer(readFileSync(path)));
      expect(schema.slice(1).map(({ type }) => type)).toEqual(["FLOAT", "INT32", "DOUBLE", "INT64"]);
      const { rows } = await readParquet(path);
      expect(rows).toEqual([
        [1, Math.fround(0.1), -(2 ** 31), 0.1, 2n ** 40n],
        [2, -0, 0, -0, 0n],
        [3, 7, 7, 7, 7n],
        ...more.slice(0, 1).map(() => [4, null, null, null, null]),
      ]);
    }
    for (const [column, misfit] of [0.1, 2 ** 31, NaN].entries()) {
      const kept = narrow[Math.min(column, 1)]!;
      const sink = createParquetSink(await createAtomicFile(folder.file("wide.parquet")), [kept]);
      const written = sink.write([Float64Array.of(1, misfit)], 2);
      await expect(written).rejects.toMatchObject({ code: "BAD_ROW", details: { row: 2 } });
      await sink.abandon();
    }
  });

  it.each([
    ["come again", "RLE_DICTIONARY", (row: number) => `i${row % 9000}`],
    ["are all different", "PLAIN", (row: number) => `i${row}`],
  ])("stores texts that %s as %s", async (_, encoding, text) => {
    const path = folder.file("texts.parquet");
    const texts = Array.from({ length: 20_000 }, (_, row) => (row === 5 ? null : text(row)));
    await writeRows(path, [{ name: "item", kind: "text" }], [texts]);
    const { row_groups } = parquetMetadata(arrayBuffer(readFileSync(path)));
    expect(row_groups[0]!.columns[0]!.meta_data!.encodings).toContain(encoding);
    expect((await readParquet(path)).rows.map(([, cell]) => cell)).toEqual(texts);
  });

  it("takes the kind it is told where that differs from the file's", async () => {
    const { columns } = await readParquet(folder.written([{ name: "rating", data: ["4", "5"] }]));
    const path = folder.file("kind.parquet");
    await writeRows(path, [{ ...columns[0]!, kind: "integer" }], [[4, 5]]);
    const read = await readParquet(path);
    expect(kindsOf(read.columns)).toEqual([["rating", "integer"]]);
    expect(read.rows).toEqual([
      [1, 4n],
      [2, 5n],
    ]);
  });
});
