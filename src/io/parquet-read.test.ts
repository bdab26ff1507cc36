import { createHash } from "node:crypto";
import { readFileSync, renameSync, utimesSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { CompressionCodec } from "hyparquet";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../test/files.ts";
import { kindsOf, type ParquetData, parquetFolder, readParquet } from "../../test/parquet.ts";
import { openParquet } from "./parquet.ts";

const folder = parquetFolder();

describe("openParquet", () => {
  it.each<[CompressionCodec, ((input: Uint8Array) => Uint8Array) | undefined]>([
    ["UNCOMPRESSED", undefined],
    ["SNAPPY", undefined],
    ["GZIP", gzipSync],
    ["BROTLI", brotliCompressSync],
  ])("reads %s", async (codec, compress) => {
    const data = Array.from({ length: 2000 }, (_, k) => `item ${k % 90} ${k}`);
    const path = folder.written([{ name: "item", data }], {
      codec,
      ...(compress && { compressors: { [codec]: compress } }),
    });
    expect((await readParquet(path)).rows).toEqual(data.map((cell, row) => [row + 1, cell]));
  });

  it("numbers rows across row groups and slices, with and without an index of pages", async () => {
    const count = 45_000;
    const users = Array.from({ length: count }, (_, k) => `user${k % 1000}`);
    const numbers = Int32Array.from({ length: count }, (_, k) => k);
    for (const offsetIndex of [true, false]) {
      const columns = [
        { name: "user", data: users, offsetIndex },
        ...Array.from({ length: 40 }, (_, c) => ({ name: `n${c}`, data: numbers, offsetIndex })),
      ];
      const source = await openParquet(folder.written(columns, { rowGroupSize: 40_000, pageSize: 5000 }));
      let row = 0;
      for await (const batch of source.batches()) {
        expect(batch.length).toBeLessThanOrEqual(10_000);
        expect(batch.rowNumber(0)).toBe(row + 1);
        expect(batch.columns[0]).toEqual(users.slice(row, row + batch.length));
        expect(batch.columns[40]).toEqual([...numbers.subarray(row, row + batch.length)]);
        row += batch.length;
        expect(source.progress!().done).toBeLessThanOrEqual(source.progress!().total);
      }
      expect(row).toBe(count);
      expect(source.progress!().done).toBe(source.progress!().total);
    }
  });

  it("gives the SHA-256 of the file", async () => {
    const path = folder.written([{ name: "n", data: [1, 2, 3] }]);
    const source = await openParquet(path, "standard input");
    expect(() => source.digest()).toThrow(TypeError);
    await rowsOf(source.batches());
    expect(source.digest()).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
    expect(source).toMatchObject({ name: "standard input", files: [path] });
    await source.close();
  });

  it("finds that the file changed between and within passes", async () => {
    const one = { name: "n", data: [1, 2, 3] };
    const changed = { code: "INPUT_CHANGED", message: expect.stringContaining("written.parquet") };
    const source = await openParquet(folder.written([one]));
    expect(await rowsOf(source.batches())).toHaveLength(3);
    expect(await rowsOf(source.batches())).toHaveLength(3);
    folder.written([{ name: "n", data: [1, 2, 4] }]);
    await expect(rowsOf(source.batches())).rejects.toMatchObject(changed);
    const early = await openParquet(folder.written([one]));
    folder.written([{ name: "n", data: [1, 2, 3, 4] }]);
    await expect(rowsOf(early.batches())).rejects.toMatchObject(changed);
    renameSync(folder.written([one]), folder.file("moved.parquet"));
    await expect(rowsOf(source.batches())).rejects.toMatchObject({ code: "UNREADABLE_FILE" });

    const other = await openParquet(folder.written([one]));
    const pass = other.batches()[Symbol.asyncIterator]();
    await pass.next();
    utimesSync(other.name, 1, 1);
    await expect(pass.next()).rejects.toMatchObject(changed);
  });

  it("stops when the signal fires", async () => {
    const source = await openParquet(folder.written([{ name: "n", data: [1, 2, 3] }]));
    await expect(rowsOf(source.batches(AbortSignal.abort()))).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("says CORRUPT_FILE wherever a file is cut", async () => {
    const data = Array.from({ length: 300 }, (_, k) => `item-${k * 7919}`);
    const columns: ParquetData = [
      { name: "item", data },
      { name: "n", data: data.map((_, k) => (k % 3 ? k : null)) },
    ];
    const whole = readFileSync(folder.written(columns, { rowGroupSize: 100, pageSize: 500 }));
    const path = folder.file("cut.parquet");
    for (let length = 0; length < whole.length; length += 13) {
      folder.file("cut.parquet", whole.subarray(0, length));
      await expect(readParquet(path), `cut at ${length}`).rejects.toMatchObject({
        code: "CORRUPT_FILE",
        details: { file: path },
      });
    }
  });

  it("answers a damaged page header or footer with a named error, never with a hang", async () => {
    const data = Array.from({ length: 40 }, (_, k) => `item-${k * 7919}`);
    const whole = readFileSync(folder.written([{ name: "item", data }], { codec: "UNCOMPRESSED" }));
    const footer = whole.length - whole.readUInt32LE(whole.length - 8) - 8;
    for (let at = 4; at < whole.length; at = at === 30 ? footer : at + 1) {
      for (const bit of [0x80, 0x01]) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= bit;
        const outcome = await readParquet(folder.file("damaged.parquet", damaged)).catch(
          (error) => error.code,
        );
        expect(typeof outcome === "object" || /^[A-Z_]+$/.test(outcome), `byte ${at}: ${outcome}`).toBe(true);
      }
    }
  });

  it("says CORRUPT_FILE for text that is not UTF-8, other files and dates that can't be", async () => {
    const path = folder.written([{ name: "item", data: ["abcdef", "ghijkl"] }], {
      codec: "UNCOMPRESSED",
      statistics: false,
    });
    const bytes = readFileSync(path);
    bytes[bytes.indexOf("cdef")] = 0xff;
    folder.file("written.parquet", bytes);
    await expect(readParquet(path)).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      message: expect.stringMatching(/its column "item" from row 1 on/),
    });
    await expect(openParquet(folder.file("x.parquet", "user,item\nu1,i1\n"))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
    });
    const data = [8_640_000_000_000_001n];
    const schema = [
      { name: "root", num_children: 1 },
      { name: "at", type: "INT64", repetition_type: "REQUIRED", converted_type: "TIMESTAMP_MILLIS" },
    ];
    await expect(readParquet(folder.written([{ name: "at", data }], { schema }))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
    });
  });

  it("says that there are no rows", async () => {
    const source = await openParquet(folder.written([{ name: "user", data: [], type: "STRING" }]));
    expect(kindsOf(source.columns)).toEqual([["user", "text"]]);
    await expect(rowsOf(source.batches())).rejects.toMatchObject({ code: "BAD_ROW" });
  });
});
