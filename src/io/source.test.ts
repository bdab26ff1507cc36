import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { pieces, rowsOf, temporaryFolder } from "../../test/files.ts";
import { removeTemporaryFiles } from "./atomic.ts";
import { outputFormat } from "./sink.ts";
import { openSource } from "./source.ts";
import { writeRows } from "./write-rows.ts";

const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Buffer };
const noZstd = zstdCompressSync === undefined;

const folder = temporaryFolder();
const LOG = "user,item\na,x\nb,y\n";
const ROWS = [
  [2, "a", "x"],
  [3, "b", "y"],
];
const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function rowsIn(paths: string | string[]) {
  const source = await openSource(paths);
  try {
    return await rowsOf(source.batches());
  } finally {
    await source.close();
  }
}

describe("openSource", () => {
  it("gives the same rows on each pass and the digest of the file's bytes", async () => {
    const source = await openSource(folder.file("log.csv", LOG));
    expect(() => source.digest()).toThrow(TypeError);
    expect(await rowsOf(source.batches())).toEqual(ROWS);
    expect(source.progress!()).toEqual({ done: LOG.length, total: LOG.length });
    expect(await rowsOf(source.batches())).toEqual(ROWS);
    expect(source.digest()).toBe(sha256(LOG));
    expect(source.columns.map(({ name }) => name)).toEqual(["user", "item"]);
  });

  it("tells the format by the content", async () => {
    const json = '{"user":"a","item":"x"}\n{"user":"b","item":"y"}\n';
    const numbered = ROWS.map(([row, ...cells]) => [(row as number) - 1, ...cells]);
    expect(await rowsIn(folder.file("log", LOG))).toEqual(ROWS);
    expect(await rowsIn(folder.file("log.dat", `\ufeff\n${json}`))).toEqual(ROWS);
    expect(await rowsIn(folder.file("json.txt", json))).toEqual(numbered);
    const curly = folder.file("curly.csv", "{user},{item}\nuser,item\n");
    expect(
      (await openSource(curly, { columns: { user: "{user}" } })).columns.map(({ name }) => name),
    ).toEqual(["{user}", "{item}"]);
  });

  it("says of a saved model that it is no log", async () => {
    await expect(rowsIn(folder.file("clicks.model", "PRORECB1h\u0003\0\0{}"))).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      hint: expect.stringContaining("--model-file"),
    });
  });

  it("reads gzip, several members too", async () => {
    const [head, rest] = [LOG.slice(0, 13), LOG.slice(13)];
    const bytes = Buffer.concat([zlib.gzipSync(head), zlib.gzipSync(rest)]);
    const path = folder.file("log.csv.gz", bytes);
    expect(await rowsIn(path)).toEqual(ROWS);
    expect(await rowsIn(folder.file("named-otherwise", bytes))).toEqual(ROWS);
    const source = await openSource(path);
    await rowsOf(source.batches());
    expect(source.digest()).toBe(sha256(bytes));
  });

  it("names damaged gzip", async () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `u${index},i${index * 7}\n`).join("");
    const bytes = zlib.gzipSync(`user,item\n${text}`);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 6]! ^= 1;
    const damaged: [name: string, bytes: Uint8Array, says: RegExp][] = [
      [
        "truncated.gz",
        bytes.subarray(0, bytes.length - 2000),
        /truncated\.gz is damaged gzip: it ends too early/,
      ],
      ["short.gz", bytes.subarray(0, 5), /it ends too early/],
      ["flipped.gz", flipped, /incorrect data check/],
      ["trailing.gz", Buffer.concat([bytes, Buffer.from("u,i\n")]), /incorrect header check/],
      ["padded.gz", Buffer.concat([bytes, Buffer.alloc(512)]), /other bytes follow its end/],
    ];
    for (const [name, content, says] of damaged) {
      const path = folder.file(name, content);
      await expect(rowsIn(path), name).rejects.toMatchObject({
        code: "CORRUPT_FILE",
        details: { file: path },
        message: expect.stringMatching(says),
      });
    }
  });

  it("stops at what expands as no log does, long before memory is full", async () => {
    const rows = zlib.gzipSync(`u,${"i".repeat(1 << 16)}\n`.repeat(64));
    const bomb = folder.file("bomb.csv.gz", Buffer.concat([zlib.gzipSync(LOG), ...Array(100).fill(rows)]));
    const source = await openSource(bomb);
    const before = process.memoryUsage().rss;
    const all = async () => {
      for await (const _ of source.batches());
    };
    await expect(all()).rejects.toMatchObject({ code: "TOO_LARGE", details: { file: bomb } });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 29);
  });

  it.skipIf(noZstd)(
    `reads and writes zstd, several frames too${noZstd ? " (skipped: needs Node 22.15)" : ""}`,
    async () => {
      const compress = zstdCompressSync!;
      const frames = [LOG.slice(0, 13), LOG.slice(13)].map((part) => compress(Buffer.from(part)));
      const whole = folder.file("log.csv.zst", Buffer.concat(frames));
      expect(await rowsIn(whole)).toEqual(ROWS);
      const many = Array.from({ length: 3000 }, (_, n) => compress(Buffer.from(`u${n},i\n`)));
      expect(await rowsIn(folder.file("many", Buffer.concat(many)))).toHaveLength(3000);
      for (const [name, bytes] of [
        ["cut.zst", frames[0]!.subarray(0, -2)],
        ["trailing.zst", Buffer.concat([...frames, Buffer.from("more")])],
      ] as const) {
        const path = folder.file(name, bytes);
        await expect(rowsIn(path), name).rejects.toMatchObject({
          code: "CORRUPT_FILE",
          details: { file: path },
        });
      }
      for (const name of ["out.csv.zst", "out.tsv.zst", "out.ndjson.zst"]) {
        await writeRows(
          folder.file(name),
          [
            { name: "user", kind: "text" },
            { name: "item", kind: "text" },
          ],
          [
            ["a", "x"],
            ["b", "y"],
          ],
        );
        expect((await rowsIn(folder.file(name))).map(([, ...cells]) => cells)).toEqual([
          ["a", "x"],
          ["b", "y"],
        ]);
      }
    },
  );

  it.skipIf(!noZstd)(
    `names the Node that zstd needs${noZstd ? "" : " (skipped: this Node has it)"}`,
    async () => {
      const wanted = { code: "UNSUPPORTED_FORMAT", message: expect.stringContaining("Node 22.15 or newer") };
      await expect(
        rowsIn(folder.file("log.csv.zst", Buffer.from("28b52ffd00", "hex"))),
      ).rejects.toMatchObject(wanted);
      expect(() => outputFormat("out.csv.zst")).toThrow(expect.objectContaining(wanted));
    },
  );

  it("reads several files with the same columns one after the other", async () => {
    const paths = [folder.file("1.csv", LOG), folder.file("2.csv", "user,item\nc,z")];
    const source = await openSource(paths);
    expect(await rowsOf(source.batches())).toEqual([...ROWS, [2, "c", "z"]]);
    expect(source.files).toEqual(paths);
    expect(source.progress!()).toEqual({ done: 31, total: 31 });
    expect(source.digest()).toBe(sha256(sha256(LOG) + sha256("user,item\nc,z")));
    const other = folder.file("3.csv", "item,user\na,b\n");
    await expect(openSource([paths[0]!, other])).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      details: { file: other },
      message: expect.stringContaining('"item", "user"'),
    });
    await expect(openSource([])).rejects.toThrow(RangeError);
  });

  it("spools standard input so that it can be read again", async () => {
    const spools = () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith("prorec-") && name.endsWith(".tmp"));
    const before = spools();
    const source = await openSource("-", { stdin: pieces(Buffer.from(LOG), [3, 11]) });
    expect(source.name).toBe("standard input");
    expect(await rowsOf(source.batches())).toEqual(ROWS);
    expect(await rowsOf(source.batches())).toEqual(ROWS);
    expect(source.digest()).toBe(sha256(LOG));
    expect(existsSync(source.files[0]!)).toBe(true);
    await source.close();
    expect(existsSync(source.files[0]!)).toBe(false);
    await expect(
      openSource("-", { stdin: pieces(Buffer.from("a,b\n1\n"), []) }).then((bad) =>
        rowsOf(bad.batches()).finally(bad.close),
      ),
    ).rejects.toMatchObject({ details: { file: "standard input", row: 2 } });
    await expect(openSource("-", { stdin: pieces(Buffer.from(""), []) })).rejects.toMatchObject({
      message: "standard input: the file is empty.",
    });
    const left = await openSource("-", { stdin: pieces(Buffer.from(LOG), []) });
    removeTemporaryFiles();
    expect(existsSync(left.files[0]!)).toBe(false);
    expect(spools().filter((name) => !before.includes(name) && !existsSync(name))).toEqual([]);
  });

  const pipes = spawnSync("mkfifo", [folder.file("pipe")]).status === 0;
  it.skipIf(!pipes)(`spools a named pipe${pipes ? "" : " (skipped: no mkfifo)"}`, async () => {
    const [source] = await Promise.all([
      openSource(folder.file("pipe")),
      writeFile(folder.file("pipe"), LOG),
    ]);
    expect(await rowsOf(source.batches())).toEqual(ROWS);
    expect(await rowsOf(source.batches())).toEqual(ROWS);
    await source.close();
  });

  it("stops while it spools", async () => {
    const stop = new AbortController();
    async function* endless() {
      for (;;) {
        yield Buffer.from(LOG);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    setTimeout(() => stop.abort(), 20);
    await expect(openSource("-", { stdin: endless(), signal: stop.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it("stops between batches", async () => {
    const source = await openSource(folder.file("abort.csv", `user,item\n${"aaaa,bbbb\n".repeat(100_000)}`));
    const stop = new AbortController();
    const reading = async () => {
      for await (const _ of source.batches(stop.signal)) stop.abort();
    };
    await expect(reading()).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("names a file that changes between passes", async () => {
    const changes: [name: string, change: (path: string) => void][] = [
      ["grown", (path) => writeFileSync(path, `${LOG}c,z\n`)],
      ["same-size", (path) => writeFileSync(path, LOG.replace("x", "z"))],
      ["ragged", (path) => writeFileSync(path, LOG.replace("b,y", "b;y"))],
      ["truncated", (path) => truncateSync(path, 12)],
    ];
    for (const [name, change] of changes) {
      const path = folder.file(name, LOG);
      utimesSync(path, 1, 1);
      const source = await openSource(path);
      await rowsOf(source.batches());
      change(path);
      await expect(rowsOf(source.batches()), name).rejects.toMatchObject({
        code: "INPUT_CHANGED",
        details: { file: path },
      });
    }
  });

  it("does not mind that a file is touched", async () => {
    const path = folder.file("touched", LOG);
    const source = await openSource(path);
    await rowsOf(source.batches());
    utimesSync(path, 1, 1);
    expect(await rowsOf(source.batches())).toEqual(ROWS);
  });

  it("names what can't be read", async () => {
    const fails = (path: string, says: string) =>
      expect(openSource(path)).rejects.toMatchObject({
        code: "UNREADABLE_FILE",
        details: { file: path },
        message: `Can't read ${path}: ${says}.`,
      });
    await fails(folder.file("absent.csv"), "there is no such file");
    await fails(folder.path, "it is a folder");
    await fails(folder.file("log.csv/deeper"), "a part of the path is not a folder");
  });

  const root = process.getuid?.() === 0;
  it.skipIf(root)(
    `names a file without permission${root ? " (skipped: root may read everything)" : ""}`,
    async () => {
      const path = folder.file("secret.csv", LOG);
      chmodSync(path, 0);
      await expect(openSource(path)).rejects.toMatchObject({
        code: "UNREADABLE_FILE",
        details: { file: path },
      });
    },
  );

  it("names a file without rows", async () => {
    for (const [name, content, says] of [
      ["empty.csv", "", "the file is empty."],
      ["mark.csv", "\ufeff", "the file is empty."],
      ["blank.ndjson", "\n \r\n", "the file is empty."],
      ["empty.csv.gz", zlib.gzipSync(""), "the file is empty."],
      ["header.csv", "user,item\n", "there are no data rows."],
      ["header-open.csv", "user,item", "there are no data rows."],
    ] as const) {
      const path = folder.file(name, content);
      await expect(rowsIn(path), name).rejects.toMatchObject({
        code: "BAD_ROW",
        details: { file: path },
        message: `${path}: ${says}`,
      });
    }
  });

  it("says what is not supported", async () => {
    await expect(openSource(folder.file("parquet.gz", zlib.gzipSync("PAR1....PAR1")))).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining("Parquet inside gzip"),
    });
    await expect(openSource(folder.file("array.json", '[{"user":1}]'))).rejects.toMatchObject({
      code: "BAD_ROW",
      hint: expect.stringContaining("jq -c '.[]'"),
    });
    await expect(openSource(folder.file("broken.parquet", "user,item\n"))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
    });
  });

  it("closes the file when a pass is left early", async () => {
    const path = folder.file("early.csv", `user,item\n${"aaaa,bbbb\n".repeat(100_000)}`);
    const source = await openSource(path);
    const open = () => readdirSync("/proc/self/fd").length;
    if (!existsSync("/proc/self/fd")) return;
    const before = open();
    for await (const _ of source.batches()) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(open()).toBeLessThanOrEqual(before);
  });
});
