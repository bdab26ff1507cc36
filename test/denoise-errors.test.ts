import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { delimited, groupLog, npy } from "./logs.ts";
import { prorec, start } from "./process.ts";
import { EMBEDDED, folderWith, lastWords, refused } from "./refusals.ts";

type Case = [what: string, file: string, content: string | Uint8Array, says: readonly string[]];

describe.concurrent("data errors in the log: exit 3, what, where, what to do, and no output", () => {
  it.each<Case>([
    ["a missing column", "log.csv", "when,what\n1,x\n", ['"when", "what"', "user", '--columns "user=']],
    [
      "text for a rating",
      "log.csv",
      "user,item,rating\na,x,5\nb,y,good\n",
      ["row 3", 'column "rating"', '"good"'],
    ],
    ["a NaN rating", "log.csv", "user,item,rating\na,x,NaN\nb,y,1\n", ["row 2", 'column "rating"', '"NaN"']],
    [
      "an Infinity rating",
      "log.tsv",
      "user\titem\trating\na\tx\t-Infinity\n",
      ["row 2", 'column "rating"', '"-Infinity"'],
    ],
    [
      "a rating beyond float64",
      "log.csv",
      "user,item,rating\na,x,1e999\n",
      ["row 2", 'column "rating"', '"1e999"'],
    ],
    ["no rating", "log.csv", "user,item,rating\na,x,5\nb,y,\n", ["row 3", 'column "rating"', '""']],
    ["no id", "log.csv", "user,item\na,x\n,y\n", ["row 3", 'column "user"', "empty"]],
    [
      "a row too short",
      "log.csv",
      "user,item,rating\na,x,5\nb,y\n",
      ["row 3", "2 cells", "3 columns", '"b,y"'],
    ],
    ["a row too long", "log.csv", "user,item\na,x\nb,y,z\n", ["row 3", "3 cells", "2 columns", '"b,y,z"']],
    ["an open quote", "log.csv", 'user,item\na,x\nb,"y\nc,z\n', ["row 3", "never closed", 'b,"y']],
    [
      "text after a quote",
      "log.csv",
      'user,item\na,x\n"b"c,y\n',
      ["row 3", "after a closing quote", '"b"c,y'],
    ],
    ["a blank line", "log.csv", "user,item\na,x\n\nb,y\n", ["row 3", "blank line"]],
    ["a name twice", "log.csv", "user,item,user\na,x,b\n", ["row 1", 'column "user"', "two columns"]],
    ["an empty file", "log.csv", "", ["empty"]],
    ["only a header", "log.csv", "user,item\n", ["no data rows"]],
    ["only a header, gzip", "log.csv.gz", gzipSync("user,item\n"), ["no data rows"]],
    [
      "invalid UTF-8",
      "log.csv",
      Buffer.from("user,item\na,x\nb,\xfe\n", "latin1"),
      ["row 3", "byte 16", "0xfe", "UTF-8"],
    ],
    [
      "invalid UTF-8 in a header",
      "log.csv",
      Buffer.from("user,item,\xfe\na,x,1\n", "latin1"),
      ["row 1", "0xfe"],
    ],
    [
      "invalid UTF-8 in NDJSON",
      "log.ndjson",
      Buffer.from('{"user":"\xff","item":1}\n', "latin1"),
      ["row 1", "0xff"],
    ],
    ["a line that is no JSON", "log.ndjson", '{"user":1,"item":2}\n{"user":1,\n', ["row 2", '"{"user":1,"']],
    ["a NaN in NDJSON", "log.ndjson", '{"user":1,"item":2,"rating":NaN}\n', ["row 1", "NaN"]],
    [
      "no id in NDJSON",
      "log.ndjson",
      '{"user":1,"item":2}\n{"user":1}\n',
      ["row 2", 'column "item"', "empty"],
    ],
    [
      "damaged gzip",
      "log.csv.gz",
      gzipSync("user,item\na,x\n").subarray(0, 20),
      ["damaged", "ends too early"],
    ],
    ["a Parquet file of 0 bytes", "log.parquet", "", ["damaged", "empty"]],
    ["a damaged Parquet file", "log.parquet", `PAR1${"x".repeat(40)}PAR1`, ["damaged"]],
    ["an added column", "log.csv", "user,item,weight\na,x,1\n", ['column "weight"', "already", "Rename"]],
    ["another added column", "log.ndjson", '{"user":1,"item":2,"noise":0}\n', ['column "noise"', "already"]],
    ["no columns", "log.csv", "user::item\n1::2\n", ['"user::item"', "sed"]],
    [
      "a line above the header",
      "log.csv",
      "Export of May\nuser,item\na,x\n",
      ['"Export of May"', "header", "tail -n +2"],
    ],
  ])("%s", async (_, file, content, says) => {
    const [message, hint] = lastWords(await refused(3, { [file]: content }, [file]));
    expect(message).toMatch(new RegExp(`^prorec: ${file}`));
    expect(hint).toMatch(/^ {2}\S.*[.?]$/);
    for (const part of says) expect(`${message}\n${hint}`).toContain(part);
  });

  const LOGS = { "other.csv": "user,item\na,x\n", "margin.csv": "margin,item\na,x\n" };
  it.each<[what: string, args: string[], says: string[]]>([
    ["a log that isn't there", ["absent.csv"], ["absent.csv", "no such file"]],
    ["a folder", ["."], ["folder"]],
    [
      "a chosen column that isn't there",
      ["ok.csv", "--columns", "item=sku"],
      ["ok.csv", '"sku"', '"user", "item", "rating"'],
    ],
    ["a position beyond the columns", ["ok.csv", "--columns", "item=9"], ["ok.csv", "column 9", "1 to 3"]],
    [
      "no rating that is high enough",
      ["ok.csv", "--min-rating", "6"],
      ["ok.csv", "rated 6 or more", "highest rating is 5"],
    ],
    ["unlike files", ["ok.csv", "other.csv"], ["other.csv", '"user", "item"', "same columns"]],
    ["a minimum without ratings", ["other.csv", "--min-rating", "4"], ["other.csv", "rating"]],
    ["a column that --flagged adds", ["margin.csv", "--columns", "user=margin"], ["margin.csv", '"margin"']],
  ])("%s", async (_, args, says) => {
    const [message, hint] = lastWords(await refused(3, LOGS, args));
    expect(hint).toMatch(/^ {2}\S.*[.?]$/);
    for (const part of says) expect(`${message}\n${hint}`).toContain(part);
  });

  it("as JSON they name file, row, column and value in fields of their own", async () => {
    const log = "user,item,rating\na,x,5\nb,y,\u001b[2J\n";
    const stderr = await refused(3, { "log.csv": log }, ["log.csv", "--json", "--quiet"]);
    expect(stderr).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: "BAD_ROW",
      details: { file: "log.csv", row: 3, column: "rating", value: "\u001b[2J" },
      hint: expect.stringContaining("--columns rating="),
    });
  });
});

describe.concurrent("data errors in embeddings: exit 3 and no output", () => {
  const good = npy([3, 2], [1, 2, 3, 4, 5, 6]);
  it.each<Case>([
    ["0 bytes", "u.npy", "", ["u.npy is damaged", "0 bytes"]],
    ["a truncated header", "u.npy", good.subarray(0, 60), ["u.npy is damaged", "60 bytes"]],
    [
      "truncated numbers",
      "u.npy",
      good.subarray(0, -3),
      ["u.npy is damaged", "take 24 bytes, but it has 21"],
    ],
    ["numbers too many", "u.npy", Buffer.concat([good, good]), ["u.npy is damaged", "take 24 bytes"]],
    ["no npy", "u.npy", "user,item\na,x\nb,y\n", ["u.npy is damaged", "begin like a .npy"]],
    ["one dimension", "u.npy", npy([6], [1, 2, 3, 4, 5, 6]), ["u.npy", "(6)", "rows x factors"]],
    ["three dimensions", "u.npy", npy([3, 2, 1], [1, 2, 3, 4, 5, 6]), ["u.npy", "(3, 2, 1)"]],
    ["no rows", "u.npy", npy([0, 2], []), ["u.npy", "(0, 2)"]],
    ["text", "u.npy", npy([3, 2], [1, 2, 3, 4, 5, 6], { descr: "<U1" }), ["u.npy", "<U1", "float32"]],
    ["NaN", "u.npy", npy([3, 2], [1, 2, 3, NaN, 5, 6]), ["u.npy", "row 2", 'column "2"', "NaN"]],
    ["Infinity", "v.npy", npy([2, 2], [1, 2, Infinity, 3]), ["v.npy", "row 2", 'column "1"', "Infinity"]],
    ["ranks that differ", "v.npy", npy([2, 3], [1, 2, 3, 4, 5, 6]), ["3 x 2", "2 x 3", "number of factors"]],
    ["ids too few", "u.ids", "a\nb\n", ["u.ids has 2 ids", "u.npy has 3 rows"]],
    ["ids too many", "v.ids", "x\ny\nz\n", ["v.ids has 3 ids", "v.npy has 2 rows"]],
    ["an id twice", "u.ids", "a\nb\na\n", ["u.ids", "row 3", '"a"', "row 1"]],
    ["a user without a row", "u.ids", "a\nb\nd\n", ['user "c"', "--user-ids"]],
    ["an item without a row", "v.ids", "x\nz\n", ['item "y"', "--item-ids"]],
    [
      "scores beyond float32",
      "u.npy",
      npy([3, 2], [1e38, 1, 1, 1, 1, 1]),
      ["too large for float32", "gamma"],
    ],
  ])("%s", async (_, file, content, says) => {
    const [message, hint] = lastWords(await refused(3, { [file]: content }, ["ok.csv", ...EMBEDDED]));
    expect(hint).toMatch(/^ {2}\S/);
    for (const part of says) expect(`${message}\n${hint}`).toContain(part);
  });

  it("without id files the row numbers are the ids, and the message says so", async () => {
    const [message, hint] = lastWords(await refused(3, {}, ["ok.csv", ...EMBEDDED.slice(0, 4)]));
    expect(message).toContain('user "a"');
    expect(hint).toContain("0, 1, 2, ...");
  });
});

describe("an input that changes between the passes: exit 3 and no output", () => {
  let folder: string;
  const log = () => join(folder, "log.csv");
  beforeAll(async () => {
    folder = folderWith();
    const made = await prorec(["synth", "-o", join(folder, "made.csv"), "--quiet"]);
    expect(made.exit).toBe(0);
  });

  it.each<[what: string, change: () => void]>([
    ["rows more", () => appendFileSync(log(), "new,new\n")],
    ["rows fewer", () => truncateSync(log(), statSync(log()).size / 2)],
    [
      "other bytes, the same size and time",
      () => {
        const { atime, mtime } = statSync(log());
        writeFileSync(log(), readFileSync(log(), "utf8").replace(/u000001/g, "u000000"));
        utimesSync(log(), atime, mtime);
      },
    ],
    ["gone", () => rmSync(log())],
  ])("%s", async (_, change) => {
    writeFileSync(log(), readFileSync(join(folder, "made.csv")));
    const before = readdirSync(folder).filter((name) => name !== "log.csv");
    const running = start("dist/cli/main.js", ["denoise", "log.csv", "-o", "out.csv"], { cwd: folder });
    await running.hasSaid("svd ...");
    change();
    const { exit, stderr } = await running.ended;
    const [message, hint] = lastWords(stderr);
    expect(exit).toBe(3);
    expect(message).toBe("prorec: log.csv changed while it was being read.");
    expect(hint).toMatch(/^ {2}Run again/);
    expect(readdirSync(folder).filter((name) => name !== "log.csv")).toEqual(before);
  });
});

describe("other ends", () => {
  it("not converged: exit 4 and no output", async () => {
    const args = ["--until-converged", "--iterations", "2", "--tolerance", "1e-9"];
    const stderr = await refused(4, { "log.csv": delimited(groupLog()) }, ["log.csv", ...args]);
    expect(lastWords(stderr)[0]).toMatch(
      /After 2 rounds the weights still change by 0\.\d+, more than the tolerance 1e-9/,
    );
  });

  const huge = totalmem() > 3e11;
  it.skipIf(huge)(
    `more memory than there is: exit 5 with both figures, before any work${huge ? " (skipped: over 300 GB here)" : ""}`,
    async () => {
      const rows = Array.from({ length: 100_000 }, (_, row) => `u${row},i${row}\n`);
      const log = `user,item\n${rows.join("")}`;
      const stderr = await refused(5, { "log.csv": log }, ["log.csv", "--factors", "100000"]);
      const [message, hint] = lastWords(stderr);
      expect(message).toMatch(/needs about \d{3},\d{3} MB of memory and [\d,]+ MB are free/);
      expect(hint).toContain("fewer factors");
      expect(stderr).not.toContain("svd ...");
    },
  );
});
