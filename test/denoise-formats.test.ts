import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, parseDelimited, type Row, readTable } from "./logs.ts";
import { prorec } from "./process.ts";

const ADDED = ["weight", "relevance", "match", "threshold", "rank", "noise"];
const COMMENTS = ["", "fine, thanks", 'say "hi"', "two\nlines", " padded ", "007", "=1+1"];

/** user, item, rating, timestamp and a column that is none of ours. */
const log: Row[] = groupLog().map((row, index) => [...row, index === 0 ? "comment" : COMMENTS[index % 7]!]);
const [names, ...rows] = log as [Row, ...Row[]];
const folder = temporaryFolder();
const csv = folder.file("log.csv", delimited(log));

const object = (row: Row, numbers: boolean) =>
  Object.fromEntries(
    names.map((name, column) => [
      name,
      numbers && (column === 2 || column === 3) ? Number(row[column]) : row[column]!,
    ]),
  );
const ndjson = (some: readonly Row[]) => some.map((row) => `${JSON.stringify(object(row, true))}\n`).join("");
const parquet = new Uint8Array(
  parquetWriteBuffer({
    columnData: names.map((name, column) =>
      column === 2 || column === 3
        ? { name, data: rows.map((row) => BigInt(row[column]!)), type: "INT64" as const }
        : { name, data: rows.map((row) => row[column]!), type: "STRING" as const },
    ),
  }),
);

/** Denoises and gives what it said; with svd, so that some are flagged. */
async function denoise(inputs: readonly string[], args: readonly string[], input?: string | Uint8Array) {
  const all = ["denoise", ...inputs, "--model", "svd", "--factors", "4", "--min-rating", "2", ...args];
  const ended = await prorec(all, { cwd: folder.path, ...(input === undefined ? {} : { input }) });
  expect(ended.exit, ended.stderr).toBe(0);
  return ended;
}

let expected: Record<string, string>[];
beforeAll(async () => {
  await denoise([csv], ["-o", "expected.csv", "--flagged", "flagged.csv", "--quiet"]);
  expected = await readTable(folder.file("expected.csv"));
});

describe("OUT", () => {
  it("has every row and column in order, and the added columns after them", () => {
    const [header, ...cells] = parseDelimited(readFileSync(folder.file("expected.csv"), "utf8"));
    expect(header).toEqual([...names, ...ADDED]);
    expect(cells.map((row) => row.slice(0, names.length))).toEqual(rows);
  });

  it("leaves the added fields of rows below the minimum empty, and only those", () => {
    for (const row of expected) {
      const filled = ADDED.filter((name) => row[name] !== "");
      expect(filled).toEqual(Number(row.rating) < 2 ? [] : ADDED);
    }
    expect(expected.some((row) => row.weight === "")).toBe(true);
  });

  it("has numbers that read back as the same float32, and that the method's equations connect", () => {
    const labelled = expected.filter((row) => row.weight !== "");
    for (const row of labelled) {
      const [weight, relevance, match, threshold, rank, noise] = ADDED.map((name) => {
        expect(String(Number(row[name]))).toBe(row[name]);
        expect(Math.fround(Number(row[name]))).toBe(Number(row[name]));
        return Number(row[name]);
      }) as [number, number, number, number, number, number];
      expect(weight).toBeCloseTo(0.5 + 0.5 * relevance, 6);
      expect(relevance).toBeCloseTo(1 / (1 + Math.exp(-20 * (match - threshold))), 6);
      expect(noise).toBe(match < threshold ? 1 : 0);
      expect(Number.isInteger(rank) && rank >= 1 && rank <= 24).toBe(true);
    }
    for (const user of new Set(labelled.map((row) => row.user))) {
      const own = labelled.filter((row) => row.user === user);
      expect(new Set(own.map((row) => row.threshold)).size).toBe(1);
      expect(own.reduce((sum, row) => sum + Number(row.match), 0)).toBeLessThanOrEqual(1 + 1e-6);
      for (const one of own)
        for (const other of own)
          expect(Math.sign(Number(one.rank) - Number(other.rank))).toBe(
            Math.sign(Number(other.match) - Number(one.match)),
          );
    }
  });

  it("follows --lambda, --beta and --threshold", async () => {
    await denoise(
      [csv],
      ["-o", "settings.csv", "--quiet", "--lambda", ".25", "--beta", "5", "--threshold", "global:3"],
    );
    for (const row of await readTable(folder.file("settings.csv"))) {
      if (row.weight === "") continue;
      const [weight, relevance, match, threshold, rank, noise] = ADDED.map((name) => Number(row[name]));
      expect(weight).toBeCloseTo(0.25 + 0.75 * relevance!, 6);
      expect(relevance).toBeCloseTo(1 / (1 + Math.exp(-5 * (match! - threshold!))), 6);
      expect(noise).toBe(rank! > 3 ? 1 : 0);
    }
  });

  it("has weight 1 everywhere with lambda 1", async () => {
    const { stdout } = await denoise([csv], ["--lambda", "1"]);
    const [header, ...cells] = parseDelimited(stdout);
    const weights = cells.map((row) => row[header!.indexOf("weight")]!);
    expect(new Set(weights)).toEqual(new Set(["1", ""]));
  });

  it("is CSV on standard output without -o, the same bytes", async () => {
    const { stdout } = await denoise([csv], []);
    expect(stdout).toBe(readFileSync(folder.file("expected.csv"), "utf8"));
  });

  it.each(["out.tsv", "out.csv.gz", "out.tsv.gz", "out.ndjson", "out.jsonl", "out.ndjson.gz", "out.parquet"])(
    "%s holds the same table",
    async (name) => {
      const output = folder.file(name);
      await denoise([csv], ["-o", output, "--quiet"]);
      expect(await readTable(output)).toEqual(expected);
    },
  );

  it("keeps types where the format has them: text, integers, floats and nulls", async () => {
    await denoise([csv], ["-o", "types.parquet", "--quiet"]);
    const file = new Uint8Array(readFileSync(folder.file("types.parquet"))).buffer;
    const [first] = (await parquetReadObjects({ file })).filter((row) => row.weight !== null);
    expect(first).toMatchObject({ user: "u0", weight: expect.any(Number) });
    expect([first!.rating, first!.timestamp, first!.rank, first!.noise].map((value) => typeof value)).toEqual(
      ["bigint", "bigint", "number", "number"], // the columns that are added take 32 bits
    );
    const lines = await denoise([csv], ["-o", "types.ndjson", "--quiet"]).then(() =>
      readFileSync(folder.file("types.ndjson"), "utf8").trimEnd().split("\n"),
    );
    const [low] = lines.map((line) => JSON.parse(line)).filter(({ rating }) => rating === 1);
    expect(low).toMatchObject(Object.fromEntries(ADDED.map((name) => [name, null])));
  });
});

describe.concurrent("the same log gets the same labels from any format", () => {
  const half = Math.floor(rows.length / 2);
  const utf8 = (text: string) => Buffer.from(text);
  const inputs: Record<string, Record<string, string | Uint8Array>> = {
    tsv: { "log.tsv": delimited(log, "\t") },
    "semicolons, Windows line ends and a byte order mark": {
      "semi.csv": `\ufeff${delimited([names, ...rows], ";")
        .replaceAll('"two\nlines"', '"two\u0000lines"')
        .replaceAll("\n", "\r\n")
        .replaceAll("\u0000", "\n")}`,
    },
    ndjson: { "log.ndjson": ndjson(rows) },
    parquet: { "log.parquet": parquet },
    "csv.gz": { "log.csv.gz": gzipSync(delimited(log)) },
    "tsv.gz": { "log.tsv.gz": gzipSync(delimited(log, "\t")) },
    "ndjson.gz": { "log.ndjson.gz": gzipSync(ndjson(rows)) },
    "two files": {
      "one.csv": delimited([names, ...rows.slice(0, half)]),
      "two.csv": delimited([names, ...rows.slice(half)]),
    },
    "two files of two formats": {
      "a.csv.gz": gzipSync(delimited([names, ...rows.slice(0, half)])),
      "b.ndjson": ndjson(rows.slice(half)),
    },
    "gzip of two members, named csv": {
      "members.csv": Buffer.concat([
        gzipSync(delimited([names, ...rows.slice(0, half)])),
        gzipSync(delimited(rows.slice(half))),
      ]),
    },
    "text under another name": { "log.txt": utf8(delimited(log)) },
  };
  it.each(Object.keys(inputs))("%s", async (what) => {
    const files = Object.entries(inputs[what]!).map(([name, content]) => folder.file(name, content));
    const output = folder.file(`${what}.out.csv`);
    await denoise(files, ["-o", output, "--quiet"]);
    expect(await readTable(output)).toEqual(expected);
  });

  it.each<[what: string, content: string | Uint8Array]>([
    ["csv", delimited(log)],
    ["ndjson.gz", gzipSync(ndjson(rows))],
    ["parquet", parquet],
  ])("standard input: %s", async (what, content) => {
    const output = folder.file(`piped ${what}.csv`);
    const { stderr } = await denoise(["-"], ["-o", output], content);
    expect(stderr).toContain(`standard input: ${rows.length} rows, 30 users, 24 items`);
    expect(await readTable(output)).toEqual(expected);
  });
});

it("a pattern that no shell expanded is a log of the files that it matches", async () => {
  const half = Math.floor(rows.length / 2);
  folder.file("part-1.csv", delimited([names, ...rows.slice(0, half)]));
  folder.file("part-2.ndjson", ndjson(rows.slice(half)));
  const output = folder.file("parts.csv");
  await denoise(["part-*"], ["-o", output, "--quiet"]);
  expect(await readTable(output)).toEqual(expected);
  const { exit, stderr } = await prorec(["denoise", "none-*.csv"], { cwd: folder.path });
  expect([exit, stderr]).toEqual([3, expect.stringContaining("No file matches none-*.csv")]);
});

describe("columns", () => {
  it.each<[what: string, row: (row: Row) => Row, header: string[]]>([
    ["two", (row) => row.slice(0, 2), ["user", "item"]],
    ["three", (row) => row.slice(0, 3), ["user", "item", "rating"]],
    ["four", (row) => row.slice(0, 4), ["user", "item", "rating", "timestamp"]],
    ["five", (row) => [...row.slice(0, 4), "x"], ["user", "item", "rating", "timestamp", "column5"]],
  ])("without a header get names: %s", async (what, cut, header) => {
    const plain = rows.map((row) => cut([row[0]!.slice(1), row[1]!.slice(1), ...row.slice(2)]));
    const input = folder.file(`${what}.data`, delimited(plain, "\t"));
    const { exit, stdout, stderr } = await prorec(["denoise", input]);
    expect(exit, stderr).toBe(0);
    const [first, ...cells] = parseDelimited(stdout);
    expect(first).toEqual([...header, ...ADDED]);
    expect(cells.map((row) => row.slice(0, header.length))).toEqual(plain);
  });

  it("are chosen by name or position, whatever they are called", async () => {
    const renamed = [
      ["when", "what", "who", "stars?"],
      ...rows.map((row) => [row[3]!, row[1]!, row[0]!, row[2]!]),
    ];
    const input = folder.file("renamed.csv", delimited(renamed));
    for (const choice of ["user=who,item=what,rating=stars?", "user=3,item=2,rating=4"]) {
      const { stdout } = await denoise([input], ["--columns", choice]);
      const [header, ...cells] = parseDelimited(stdout);
      expect(header).toEqual([...renamed[0]!, ...ADDED]);
      expect(cells.map((row) => row.slice(4))).toEqual(
        expected.map((row) => ADDED.map((name) => row[name]!)),
      );
    }
  });

  it("of ratings may be said not to be there", async () => {
    const input = folder.file("grade.csv", "user,item,grade\na,x,A+\nb,y,B\n");
    expect((await prorec(["denoise", input])).exit).toBe(3);
    const { exit, stdout } = await prorec(["denoise", input, "--columns", "rating=-"]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/\na,x,A\+,0\./);
  });
});

describe("repeated rows", () => {
  it("all stay, get one label and are reported", async () => {
    const input = folder.file("repeated.csv", delimited([names, ...rows, ...rows.slice(0, 5)]));
    const { stdout, stderr } = await denoise([input], []);
    expect(stderr).toMatch(/ \d repeated rows merged, \d+ rows rated below 2\./);
    const [, ...cells] = parseDelimited(stdout);
    expect(cells).toHaveLength(rows.length + 5);
    expect(cells.slice(-5)).toEqual(cells.slice(0, 5));
  });
});

describe("--flagged", () => {
  it("holds exactly the rows of noise 1, the worst first, with what backs it", async () => {
    const flagged = await readTable(folder.file("flagged.csv"));
    const key = (row: Record<string, string>) =>
      JSON.stringify([row.user, row.item, ...ADDED.map((name) => row[name])]);
    expect(Object.keys(flagged[0]!)).toEqual([
      "user",
      "item",
      ...ADDED,
      "kappa",
      "margin",
      "popularity",
      "neighbours",
      "reason",
    ]);
    expect(flagged.map(key).sort()).toEqual(
      expected
        .filter(({ noise }) => noise === "1")
        .map(key)
        .sort(),
    );
    expect(flagged.length).toBeGreaterThan(20);
    const margins = flagged.map(({ margin }) => Number(margin));
    expect(margins).toEqual(margins.toSorted((one, other) => one - other));
    const labelled = expected.filter(({ weight }) => weight !== "");
    for (const row of flagged) {
      expect(Number(row.margin)).toBeCloseTo(Number(row.match) / Number(row.threshold), 6);
      expect(Number(row.rank)).toBeGreaterThan(Number(row.kappa));
      expect(Number(row.popularity)).toBe(labelled.filter(({ item }) => item === row.item).length);
      const kept = labelled
        .filter(({ user, noise }) => user === row.user && noise === "0")
        .map(({ item }) => item);
      const neighbours: string[] = JSON.parse(row.neighbours!);
      expect(neighbours).toHaveLength(Math.min(3, kept.length));
      expect(kept).toEqual(expect.arrayContaining(neighbours));
      expect(row.reason).toMatch(new RegExp(`^Ranks ${row.rank} of 24 for this user, .*\\.$`));
      expect(row.reason).not.toMatch(/e[+-]\d| 100%| 0%/);
    }
  });

  it("comes in every format and under the log's own column names", async () => {
    const renamed = folder.file("who.csv", delimited([["who", "what", ...names.slice(2)], ...rows]));
    for (const name of ["f.ndjson", "f.tsv.gz", "f.parquet"]) {
      await denoise(
        [renamed],
        ["--columns", "user=who,item=what", "-o", "o.csv", "--flagged", name, "--quiet"],
      );
      const flagged = await readTable(folder.file(name));
      const plain = flagged.map(({ who, what, ...rest }) => ({ user: who, item: what, ...rest }));
      expect(plain).toEqual(await readTable(folder.file("flagged.csv")));
    }
  });

  it("has only its header where nothing is flagged", async () => {
    const input = folder.file("one.csv", "user,item\na,x\n");
    const { exit } = await prorec(["denoise", input, "--quiet", "--flagged", folder.file("none.csv")]);
    expect(exit).toBe(0);
    expect(readFileSync(folder.file("none.csv"), "utf8")).toMatch(/^user,item,weight,.*,reason\n$/);
  });
});
