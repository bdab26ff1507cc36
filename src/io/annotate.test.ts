import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowsOf, temporaryFolder } from "../../test/files.ts";
import type { Progress } from "../progress.ts";
import { type AddedColumn, assertAnnotatable, writeAnnotated } from "./annotate.ts";
import { type LogOptions, readLog } from "./log.ts";
import { openLog } from "./open-log.ts";
import { openSource } from "./source.ts";

const folder = temporaryFolder();
const ADDED: readonly AddedColumn[] = [
  { name: "weight", kind: "number" },
  { name: "noise", kind: "integer" },
];
const VALUES = [0.1 + 0.2, 1];

async function annotate(
  input: string,
  content: string | undefined,
  output: string,
  options: LogOptions = {},
) {
  const log = await openLog(folder.file(input, content), options);
  await readLog(log);
  await writeAnnotated(log, folder.file(output), ADDED, () => VALUES);
  return readFileSync(folder.file(output));
}

const parsed = (lines: Buffer) =>
  lines
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("writeAnnotated", () => {
  it("keeps every cell of delimited text and quotes where it must", async () => {
    const text = 'item;user;note\r\n007; x ;"a;b"\r\n"q""q";1e5;"l\nf"\r\n,0,;é;""\n';
    expect((await annotate("cells.csv", text, "cells-out.csv")).toString()).toBe(
      'item,user,note,weight,noise\n007, x ,a;b,0.30000000000000004,1\n"q""q",1e5,"l\nf",0.30000000000000004,1\n",0,",é,,0.30000000000000004,1\n',
    );
    expect((await annotate("cells.csv", text, "cells-out.tsv")).toString()).toBe(
      'item\tuser\tnote\tweight\tnoise\n007\t x \ta;b\t0.30000000000000004\t1\n"q""q"\t1e5\t"l\nf"\t0.30000000000000004\t1\n,0,\té\t\t0.30000000000000004\t1\n',
    );
  });

  it("gives a file without header the usual names", async () => {
    const text = "196\t242\t3\t881250949\tx\n186\t302\t3\t891717742\ty\n";
    expect((await annotate("u.data", text, "u.csv")).toString().split("\n")[0]).toBe(
      "user,item,rating,timestamp,column5,weight,noise",
    );
    const swapped = await annotate("u.data", text, "u.csv", { columns: { user: 2, item: 1 } });
    expect(swapped.toString().split("\n")[0]).toBe("item,user,rating,timestamp,column5,weight,noise");
  });

  it("keeps rows below the minimum, with nothing added", async () => {
    const text = "user,item,rating\na,x,5\nb,x,3.0\na,y,4\n";
    expect((await annotate("min.csv", text, "min-out.csv", { minRating: 4 })).toString()).toBe(
      "user,item,rating,weight,noise\na,x,5,0.30000000000000004,1\nb,x,3.0,,\na,y,4,0.30000000000000004,1\n",
    );
    expect(parsed(await annotate("min.csv", text, "min-out.ndjson", { minRating: 4 }))[1]).toEqual({
      user: "b",
      item: "x",
      rating: "3.0",
      weight: null,
      noise: null,
    });
  });

  it("asks for the values of each row's own user and item", async () => {
    const log = await openLog(folder.file("pairs.csv", "user,item\na,x\nb,y\na,y\n"));
    await writeAnnotated(log, folder.file("pairs-out.csv"), ADDED, (user, item) =>
      user + item === "by" ? undefined : [user.charCodeAt(0), item.charCodeAt(0)],
    );
    expect(readFileSync(folder.file("pairs-out.csv"), "utf8")).toBe(
      "user,item,weight,noise\na,x,97,120\nb,y,,\na,y,97,121\n",
    );
  });

  it("writes canonical ratings and timestamps as numbers into typed formats, ids as text", async () => {
    const text = "user,item,rating,timestamp\n1,2,5,881250949\n1,3,4.5,881250950\n";
    const [row] = parsed(await annotate("typed.csv", text, "typed.ndjson"));
    expect(row).toEqual({
      user: "1",
      item: "2",
      rating: 5,
      timestamp: 881250949,
      weight: VALUES[0],
      noise: 1,
    });
    await annotate("typed.csv", text, "typed.parquet");
    const source = await openSource(folder.file("typed.parquet"));
    expect(source.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ["user", "text"],
      ["item", "text"],
      ["rating", "number"],
      ["timestamp", "integer"],
      ["weight", "number"],
      ["noise", "integer"],
    ]);
    const rows = (await rowsOf(source.batches())).map((row) =>
      row.map((cell) => (typeof cell === "bigint" ? Number(cell) : cell)),
    );
    expect(rows).toEqual([
      [1, "1", "2", 5, 881250949, VALUES[0], 1],
      [2, "1", "3", 4.5, 881250950, VALUES[0], 1],
    ]);
    expect(
      (await annotate("typed.parquet", undefined, "from.csv").catch((error) => error)).message,
    ).toContain('column "weight"');
  });

  it("keeps the text of NDJSON rows byte for byte", async () => {
    const text = ' {"user":9007199254740993 , "item":"\\u0041", "x":[1.0,{}]} \r\n\n{"item":1e5,"user":"😀"}';
    expect((await annotate("kept.ndjson", text, "kept-out.jsonl")).toString()).toBe(
      ' {"user":9007199254740993 , "item":"\\u0041", "x":[1.0,{}],"weight":0.30000000000000004,"noise":1} \n' +
        '{"item":1e5,"user":"😀","weight":0.30000000000000004,"noise":1}\n',
    );
    expect((await annotate("kept.ndjson", text, "kept-out.csv")).toString()).toBe(
      'user,item,x,weight,noise\n9007199254740993,A,"[1.0,{}]",0.30000000000000004,1\n😀,1e5,,0.30000000000000004,1\n',
    );
  });

  it("writes gzip, the same bytes each time", async () => {
    const text = `user,item\n${Array.from({ length: 20_000 }, (_, row) => `u${row},i${row % 7}\n`).join("")}`;
    const plain = await annotate("zip.csv", text, "zip-out.csv");
    for (const name of ["csv.gz", "ndjson.gz"]) {
      const first = await annotate("zip.csv", text, `zip-1.${name}`);
      expect(first.equals(await annotate("zip.csv", text, `zip-2.${name}`))).toBe(true);
      if (name === "csv.gz") expect(gunzipSync(first).equals(plain)).toBe(true);
      const source = await openSource(folder.file(`zip-1.${name}`));
      expect((await rowsOf(source.batches())).length).toBe(20_000);
    }
  });

  it("writes CSV to a stream, which stays open", async () => {
    let text = "";
    const stream = new Writable({
      write(chunk, _, done) {
        text += chunk;
        setImmediate(done);
      },
    });
    await writeAnnotated(
      await openLog(folder.file("s.csv", "user,item\na,x\n")),
      stream,
      ADDED,
      () => VALUES,
    );
    expect(text).toBe("user,item,weight,noise\na,x,0.30000000000000004,1\n");
    expect(stream.writable).toBe(true);
  });

  it("refuses, before any work, what it can't write", async () => {
    const path = folder.file("refused.csv", "user,item,weight\na,x,1\n");
    symlinkSync(path, folder.file("refused-link.csv"));
    linkSync(path, folder.file("refused-hard.csv"));
    const log = await openLog(path);
    const other: readonly AddedColumn[] = [{ name: "rank", kind: "integer" }];
    const refused = (output: string, added: readonly AddedColumn[], error: object) =>
      expect(assertAnnotatable(log, folder.file(output), added)).rejects.toMatchObject(error);
    await refused("out.csv", ADDED, { code: "BAD_ROW", details: { file: path, column: "weight" } });
    await refused("out.xlsx", other, {
      code: "UNSUPPORTED_FORMAT",
      hint: expect.stringContaining(".csv .csv.gz .csv.zst .tsv"),
    });
    await refused("out.parquet.gz", other, { code: "UNSUPPORTED_FORMAT" });
    for (const output of ["refused.csv", "refused-link.csv", "refused-hard.csv"]) {
      await refused(output, other, { code: "UNWRITABLE_FILE" });
    }
    await assertAnnotatable(log, folder.file("OUT.CSV.GZ"), other);
    expect(existsSync(folder.file("OUT.CSV.GZ"))).toBe(false);
  });

  it("leaves no file when it fails or is stopped", async () => {
    mkdirSync(folder.file("clean"));
    const text = `user,item\n${"aaaa,bbbb\n".repeat(60_000)}`;
    for (const extension of ["csv", "csv.gz", "ndjson", "parquet"]) {
      const path = folder.file("clean.csv", text);
      const output = folder.file(`clean/out.${extension}`);
      const log = await openLog(path);
      await readLog(log);
      const stop = new AbortController();
      const stopped = writeAnnotated(log, output, ADDED, () => VALUES, {
        signal: stop.signal,
        onProgress: () => stop.abort(),
      });
      await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
      expect(readdirSync(folder.file("clean"))).toEqual([]);
      writeFileSync(path, text.replace("bbbb", "cccc"));
      await expect(writeAnnotated(log, output, ADDED, () => VALUES)).rejects.toMatchObject({
        code: "INPUT_CHANGED",
      });
      expect(readdirSync(folder.file("clean"))).toEqual([]);
    }
  });

  it("shows its progress", async () => {
    const log = await openLog(folder.file("progress.csv", "user,item\na,x\n"));
    const seen: Progress[] = [];
    await writeAnnotated(log, folder.file("progress-out.csv"), ADDED, () => VALUES, {
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen).toEqual([{ stage: "write", done: 14, total: 14 }]);
  });

  it("comes back as it was: any ids, any format, any numbers", async () => {
    const id = fc.oneof(
      fc.string({
        unit: fc.constantFrom("a", ",", ";", "\t", '"', "\n", "\r", " ", "\ufeff", "😀", "\u001b", "\u0000"),
        minLength: 1,
      }),
      fc.string({ unit: "binary", minLength: 1 }),
      fc.constantFrom("__proto__", "constructor", "007", "1e5", "NaN", "null", "{", "[1]"),
    );
    const row = fc.tuple(id, id, fc.double({ noNaN: true, noDefaultInfinity: true }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.constantFrom("csv", "tsv", "ndjson", "csv.gz"),
        fc.constantFrom("csv", "tsv", "ndjson", "jsonl.gz", "parquet"),
        async (rows, first, second) => {
          const json = rows.map(([user, item]) => `${JSON.stringify({ item, user })}\n`).join("");
          let next = 0;
          const add = async (from: string, to: string, name: string) => {
            next = 0;
            const log = await openLog(from);
            const values = () => [rows[next++]![2]];
            await writeAnnotated(log, to, [{ name, kind: "number" }], values);
          };
          await add(folder.file("trip.ndjson", json), folder.file(`trip-1.${first}`), "weight");
          await add(folder.file(`trip-1.${first}`), folder.file(`trip-2.${second}`), "match");
          const source = await openSource(folder.file(`trip-2.${second}`));
          expect(source.columns.map(({ name }) => name)).toEqual(["item", "user", "weight", "match"]);
          const found = (await rowsOf(source.batches())).map(([, item, user, weight, match]) => [
            user,
            item,
            Number(weight) + 0,
            Number(match) + 0,
          ]);
          expect(found).toEqual(rows.map(([user, item, value]) => [user, item, value + 0, value + 0]));
        },
      ),
      { numRuns: 40 },
    );
  });
});
