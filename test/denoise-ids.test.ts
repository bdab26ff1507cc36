import { readFileSync } from "node:fs";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, npy, parseDelimited, type Row, readTable } from "./logs.ts";
import { prorec } from "./process.ts";

/** Ids that some program somewhere reads as something else. */
const ODD = [
  ...[
    "a,b",
    'say "hi"',
    '"',
    "two\nlines",
    "two\r\nlines",
    "return\r",
    "tab\t",
    "semi;colon",
    "bar|",
    "'",
    "\\",
    "\\n",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "null",
    "undefined",
    "true",
    "NaN",
    "Infinity",
    "-0",
  ],
  ...[
    "007",
    "7",
    " x ",
    "x",
    "X",
    "1e5",
    "100000",
    "9007199254740993",
    "9007199254740992",
    "0x10",
    "1_000",
    "=1+1",
  ],
  ...[
    "😀",
    "👩‍👩‍👧",
    "é",
    "e\u0301",
    "\u00a0",
    "\u2028",
    "\ufeffmark",
    "\u202eright to left",
    "\u0000",
    "\u0007",
  ],
  ...["\u001b[2J", "\u001b]0;title\u0007", "\u009b31m", "long".repeat(200)],
];

/** Nothing but line feeds that a terminal would obey or hide. */
const INERT = /^[^\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029]*$/u;
const lines = (text: string) => text.split("\n");

const folder = temporaryFolder();
const id = (plain: string) => ODD[Number(plain.slice(1))]!;
const log: Row[] = groupLog({ users: ODD.length, items: ODD.length, name: id }).map((row) => row.slice(0, 3));
const pairs = log.slice(1).map(([user, item]) => JSON.stringify([user, item]));
const MODEL = ["--model", "svd", "--factors", "4"];

async function denoised(input: string, output: string, ...more: string[]) {
  const ended = await prorec(["denoise", input, "-o", output, ...MODEL, ...more]);
  expect(ended.stderr, ended.stderr).not.toContain("error");
  expect(ended.exit).toBe(0);
  return { ...ended, rows: await readTable(output) };
}

describe("ids of every kind", () => {
  const csv = folder.file("\u001b[2J odd\u009b.csv", delimited(log));
  const flagged = folder.file("flagged.csv");
  let run: Awaited<ReturnType<typeof denoised>>;
  beforeAll(async () => {
    run = await denoised(
      csv,
      folder.file("out.csv"),
      "--flagged",
      flagged,
      "--json",
      "--save-run",
      folder.file("run"),
    );
  });

  it("are kept byte for byte", async () => {
    const [names, ...rows] = parseDelimited(readFileSync(folder.file("out.csv"), "utf8"));
    expect(names!.slice(0, 3)).toEqual(log[0]);
    expect(rows.map((row) => row.slice(0, 3))).toEqual(log.slice(1));
    expect(JSON.parse(run.stdout)).toMatchObject({ users: ODD.length, items: ODD.length });
    const keys = (await readTable(flagged)).map(({ user, item }) => JSON.stringify([user, item]));
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter((key) => !pairs.includes(key))).toEqual([]);
  });

  it("get the same labels from NDJSON and Parquet, and come out of them as they were", async () => {
    const ndjson = log
      .slice(1)
      .map(([user, item, rating]) => `${JSON.stringify({ user, item, rating: Number(rating) })}\n`)
      .join("");
    const column = (index: number) => log.slice(1).map((row) => row[index]!);
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: "user", data: column(0), type: "STRING" },
        { name: "item", data: column(1), type: "STRING" },
        { name: "rating", data: column(2).map(Number), type: "DOUBLE" },
      ],
    });
    const inputs = {
      "odd.ndjson": await denoised(folder.file("odd.ndjson", ndjson), folder.file("out.ndjson")),
      "odd.parquet": await denoised(
        folder.file("odd.parquet", new Uint8Array(parquet)),
        folder.file("out.parquet"),
      ),
    };
    for (const [name, { rows }] of Object.entries(inputs)) expect(rows, name).toEqual(run.rows);
  });

  it("do nothing to the terminal that shows messages, reasons and JSON", async () => {
    for (const line of lines(run.stderr)) expect(line).toMatch(INERT);
    expect(run.stdout).toMatch(/^[\x20-\x7e\n]*$/);
    const table = await readTable(flagged);
    for (const { reason, neighbours } of table) {
      expect(reason).toMatch(INERT);
      expect(neighbours).toMatch(INERT);
      for (const neighbour of JSON.parse(neighbours!)) expect(ODD).toContain(neighbour);
    }
    expect(table.some(({ neighbours }) => neighbours!.includes("\\u"))).toBe(true);
    for (const line of lines(readFileSync(folder.file("run/run.json"), "utf8"))) expect(line).toMatch(INERT);
  });
});

it("NDJSON numbers and Parquet integers beyond 2^53 stay apart and come out exact", async () => {
  const ids = [9007199254740992n, 9007199254740993n, 9223372036854775807n, -9223372036854775808n];
  const clicks = ids.flatMap((user, index) => [
    [user, ids[index]!] as const,
    [user, ids[(index + 1) % 4]!] as const,
  ]);
  const ndjson = clicks.map(([user, item]) => `{"user":${user},"item":${item}}\n`).join("");
  const parquet = parquetWriteBuffer({
    columnData: ["user", "item"].map((name, side) => ({
      name,
      data: clicks.map((click) => click[side]!),
      type: "INT64" as const,
    })),
  });
  const expected = clicks.map(([user, item]) => [String(user), String(item)]);
  for (const [name, content] of [
    ["big.ndjson", ndjson],
    ["big.parquet", new Uint8Array(parquet)],
  ] as const) {
    const { rows, stderr } = await denoised(
      folder.file(name, content),
      folder.file(`out-${name.replace("ndjson", "csv")}`),
    );
    expect(rows.map(({ user, item }) => [user, item])).toEqual(expected);
    expect(stderr).toContain("8 rows, 4 users, 4 items, 8 interactions.");
  }
  const { rows } = await denoised(folder.file("big.ndjson"), folder.file("out.ndjson"));
  expect(rows).toHaveLength(8);
  expect(readFileSync(folder.file("out.ndjson"), "utf8")).toMatch(
    /^\{"user":9007199254740992,"item":9007199254740992,"weight":/,
  );
});

it("ids that numbers would merge are different users", async () => {
  const users = ["007", "7", " 7", "7.0", "+7", "1e5", "100000", "1E5"];
  const csv = folder.file(
    "alike.csv",
    delimited([["user", "item"], ...users.map((user, row) => [user, `i${row % 3}`])]),
  );
  const { stderr, rows } = await denoised(csv, folder.file("alike-out.csv"));
  expect(stderr).toContain("8 rows, 8 users, 3 items, 8 interactions.");
  expect(rows.map(({ user }) => user)).toEqual(users);
});

describe("small logs", () => {
  it.each<[what: string, rows: Row[]]>([
    ["one interaction", [["a", "x"]]],
    [
      "one user",
      [
        ["a", "x"],
        ["a", "y"],
        ["a", "z"],
      ],
    ],
    [
      "one item",
      [
        ["a", "x"],
        ["b", "x"],
        ["c", "x"],
      ],
    ],
    [
      "users with one interaction each",
      [
        ["a", "x"],
        ["b", "y"],
        ["c", "x"],
        ["d", "z"],
      ],
    ],
    [
      "the same row over and over",
      [
        ["a", "x"],
        ["a", "x"],
        ["a", "x"],
      ],
    ],
  ])("%s", async (_, rows) => {
    const csv = folder.file("small.csv", delimited([["user", "item"], ...rows]));
    for (const model of ["svd", "nce-plrec"]) {
      const { exit, stdout, stderr } = await prorec([
        "denoise",
        csv,
        "--model",
        model,
        "--transport",
        "relaxed",
      ]);
      expect(exit, stderr).toBe(0);
      const [, ...out] = parseDelimited(stdout);
      expect(out.map((row) => row.slice(0, 2))).toEqual(rows);
      for (const [, , ...numbers] of out) {
        const [weight, relevance, match, threshold, rank, noise] = numbers.map(Number);
        for (const share of [weight, relevance, match, threshold]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
        expect(rank).toBeGreaterThanOrEqual(1);
        expect(noise).toBe(match! < threshold! ? 1 : 0);
      }
    }
  });

  it("have as many factors as their smaller side, which is said", async () => {
    const csv = folder.file(
      "sides.csv",
      delimited([
        ["user", "item"],
        ["a", "x"],
        ["a", "y"],
        ["b", "y"],
        ["c", "x"],
      ]),
    );
    const all = await denoised(csv, folder.file("sides-500.csv"), "--factors", "500", "--json");
    expect(all.stderr).toContain("svd: 500 factors reduced to 2, the smaller side of the matrix.");
    expect(JSON.parse(all.stdout).parameters.factors).toBe(2);
    const two = await denoised(csv, folder.file("sides-2.csv"), "--factors", "2");
    expect(two.stderr).not.toContain("reduced");
    expect(two.rows).toEqual(all.rows);
  });
});

describe("scores from embeddings", () => {
  const users = 4;
  const items = 3;
  const csv = folder.file("embedded.csv", "user,item\n0,0\n0,2\n1,1\n2,0\n2,1\n2,2\n3,2\n");
  const run = async (u: number[], v: number[], ...more: string[]) => {
    const rank = u.length / users;
    return prorec([
      ...["denoise", csv, "--user-embeddings", folder.file("e-u.npy", npy([users, rank], u))],
      ...["--item-embeddings", folder.file("e-v.npy", npy([items, rank], v)), ...more],
    ]);
  };

  it("that are all equal: pi = max(p / M, q / N)", async () => {
    const { exit, stdout } = await run([0, 0, 0, 0], [1, 2, 3]);
    expect(exit).toBe(0);
    const itemCounts = [2, 2, 3];
    const userCounts = [2, 1, 3, 1];
    for (const [user, item, , , match] of parseDelimited(stdout)
      .slice(1)
      .map((row) => row.map(Number))) {
      const plan = itemCounts.map((count) => Math.max(count / 7 / users, userCounts[user!]! / 7 / items));
      const total = plan.reduce((sum, value) => sum + value);
      expect(match).toBeCloseTo(plan[item!]! / total, 6);
    }
  });

  it("so large that exp overflows: one-hot, never NaN, and it is said", async () => {
    const u = [3, 1, -2, 2, 1, 1, -1, 2].map((value) => value * 1e6);
    const v = [1, 2, 3, -1, -2, 1].map((value) => value * 1e6);
    const { exit, stdout, stderr } = await run(u, v, "--transport", "user-side");
    expect(exit).toBe(0);
    expect(stderr).toContain("the plan is nearly one-hot. A larger --gamma smooths it.");
    const best = [1, 2, 0, 2]; // the item of the largest u . v, user by user
    for (const [user, item, , , match] of parseDelimited(stdout)
      .slice(1)
      .map((row) => row.map(Number))) {
      expect(match).toBe(item === best[user!] ? 1 : 0);
    }
    const relaxed = await run(u, v);
    expect(relaxed.exit).toBe(0);
    expect(relaxed.stdout).not.toMatch(/NaN|Infinity/);
  });

  it("and gamma so small that no float holds their quotient: refused", async () => {
    const { exit, stdout, stderr } = await run([1, 1, 1, 1], [1, 2, 3], "--gamma", "5e-324");
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr).toMatch(/Scores over gamma can reach Infinity.*\n {2}Take a larger gamma/);
  });
});
