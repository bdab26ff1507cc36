import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { denoise, readEmbeddings, readInteractions } from "../src/index.ts";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, npy, parseDelimited, type Row, readTable } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const cwd = folder.path;

async function run(...args: string[]): Promise<string> {
  const { exit, stdout, stderr } = await prorec(args, { cwd });
  expect(exit, stderr).toBe(0);
  return stdout;
}

describe("embeddings from elsewhere", () => {
  const users = 7;
  const items = 9;
  const rank = 3;
  const numbers = (count: number, factor: number) =>
    Array.from({ length: count }, (_, index) => Math.fround(Math.sin(factor * (index + 1))));
  const u = numbers(users * rank, 12.9898);
  const v = numbers(items * rank, 78.233);
  /** Of users 1, 3, 6 and items 0 to 7: others are only in the embeddings. */
  const clicks = [
    [6, 2],
    [1, 0],
    [1, 5],
    [3, 7],
    [3, 1],
    [3, 2],
    [6, 0],
    [1, 7],
  ] as const;
  const files = {
    users: folder.file("u.npy", npy([users, rank], u)),
    items: folder.file("v.npy", npy([items, rank], v)),
    userIds: folder.file("u.ids", Array.from({ length: users }, (_, row) => `user ${row}\n`).join("")),
    itemIds: folder.file("v.ids", Array.from({ length: items }, (_, row) => `item,${row}\n`).join("")),
  };
  const [byUsers, byItems] = [
    ["--user-embeddings", "u.npy"],
    ["--item-embeddings", "v.npy"],
  ];
  const byIds = [...byUsers!, ...byItems!, "--user-ids", "u.ids", "--item-ids", "v.ids"];
  const named: Row[] = [["user", "item"], ...clicks.map(([user, item]) => [`user ${user}`, `item,${item}`])];
  const csv = folder.file("named.csv", delimited(named));

  /** Eq. 7 and 18-20 as they stand, in float64. */
  function expected(gamma: number) {
    const K = Array.from({ length: users }, (_, i) =>
      Array.from({ length: items }, (_, j) => {
        let score = 0;
        for (let k = 0; k < rank; k++) score += u[i * rank + k]! * v[j * rank + k]!;
        return Math.exp(score / gamma);
      }),
    );
    const share = (side: 0 | 1, id: number) =>
      clicks.filter((click) => click[side] === id).length / clicks.length;
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    return clicks.map(([i, j]) => {
      const plan = K[i]!.map(
        (value, item) =>
          value * Math.max(share(1, item) / sum(K.map((row) => row[item]!)), share(0, i) / sum(K[i]!)),
      );
      const rho = plan.map((value) => value / sum(plan));
      const descending = rho.toSorted((one, other) => other - one);
      const error = (segment: number[]) =>
        sum(segment.map((value) => (value - sum(segment) / segment.length) ** 2));
      const errors = descending
        .slice(1)
        .map((_, index) => error(descending.slice(0, index + 1)) + error(descending.slice(index + 1)));
      const kappa = 1 + errors.indexOf(Math.min(...errors));
      return {
        match: rho[j]!,
        threshold: descending[kappa - 1]!,
        rank: 1 + rho.filter((value) => value > rho[j]!).length,
      };
    });
  }

  it.each([0.1, 1])(
    "give what the equations say, with every row of U and V in the sums (gamma %d)",
    async (gamma) => {
      const [, ...rows] = parseDelimited(await run("denoise", csv, ...byIds, "--gamma", String(gamma)));
      for (const [index, { match, threshold, rank }] of expected(gamma).entries()) {
        const [, , , , ownMatch, ownThreshold, ownRank] = rows[index]!.map(Number);
        expect(ownMatch! / match).toBeCloseTo(1, 5);
        expect(ownThreshold! / threshold).toBeCloseTo(1, 5);
        expect(ownRank).toBe(rank);
      }
    },
  );

  it("give what the library gives", async () => {
    const result = await denoise(await readInteractions(csv), { embeddings: await readEmbeddings(files) });
    const [, ...rows] = parseDelimited(await run("denoise", csv, ...byIds));
    for (const [user, item, ...cells] of rows) {
      const { weight, relevance, match, threshold, rank, noise } = result.labelOf(user!, item!)!;
      expect(cells.map(Number)).toEqual([weight, relevance, match, threshold, rank, noise]);
    }
  });

  it("are named by row numbers where there are no ids, and may be safetensors", async () => {
    folder.file("numbers.csv", delimited([["user", "item"], ...clicks.map((click) => click.map(String))]));
    const header = JSON.stringify({
      items: { dtype: "F32", shape: [items, rank], data_offsets: [0, 4 * v.length] },
    });
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    folder.file(
      "v.safetensors",
      Buffer.concat([size, Buffer.from(header), Buffer.from(Float32Array.from(v).buffer)]),
    );
    const labels = (csv: string) => parseDelimited(csv).map((row) => row.slice(2));
    const byName = labels(await run("denoise", csv, ...byIds));
    expect(labels(await run("denoise", "numbers.csv", ...byUsers!, ...byItems!))).toEqual(byName);
    expect(
      labels(await run("denoise", "numbers.csv", ...byUsers!, "--item-embeddings", "v.safetensors")),
    ).toEqual(byName);
  });

  it("give every row its label whatever the order of the rows", async () => {
    const sorted = (csv: string) => csv.trimEnd().split("\n").slice(1).sort();
    const before = sorted(await run("denoise", csv, ...byIds));
    const order = fc.shuffledSubarray([...named.slice(1)], { minLength: clicks.length });
    await fc.assert(
      fc.asyncProperty(order, async (rows) => {
        folder.file("shuffled.csv", delimited([named[0]!, ...rows]));
        expect(sorted(await run("denoise", "shuffled.csv", ...byIds))).toEqual(before);
      }),
      { numRuns: 5 },
    );
  });
});

describe("the same seed gives the same bytes at any number of threads", () => {
  const digests = () =>
    Object.fromEntries(
      ["out.csv", "flagged.csv", ...readdirSync(folder.file("run")).map((name) => `run/${name}`)]
        .filter((name) => name !== "run/run.json")
        .map((name) => [
          name,
          createHash("sha256")
            .update(readFileSync(folder.file(name)))
            .digest("hex"),
        ]),
    );
  async function outputsOf(...args: string[]) {
    rmSync(folder.file("run"), { recursive: true, force: true });
    const outputs = ["-o", "out.csv", "--flagged", "flagged.csv", "--save-run", "run", "--quiet", "--json"];
    const summary = JSON.parse(await run("denoise", ...args, ...outputs));
    return { digests: digests(), threads: summary.threads };
  }

  it("after a fit; and another seed other ones", async () => {
    const sizes = ["--users", "300", "--items", "300", "--interactions", "8000"];
    await run("synth", ...sizes, "-o", "synthetic.csv", "--quiet");
    const first = await outputsOf("synthetic.csv", "--threads", "1");
    expect(Object.keys(first.digests)).toHaveLength(7);
    for (const threads of ["1", "2", "3", "7"]) {
      expect((await outputsOf("synthetic.csv", "--threads", threads)).digests).toEqual(first.digests);
    }
    const other = (await outputsOf("synthetic.csv", "--seed", "2")).digests;
    expect(other["out.csv"]).not.toBe(first.digests["out.csv"]);
    expect(other["run/factors.prorec"]).not.toBe(first.digests["run/factors.prorec"]);
  });

  it("in a transport so large that all of them work", async () => {
    const rank = 100;
    const [users, items] = [10_000, 10_400];
    function* numbers(count: number) {
      for (let index = 1; index <= count; index++) yield (Math.imul(index, 0x9e3779b1) % 1000) / 1000;
    }
    folder.file("large-u.npy", npy([users, rank], numbers(users * rank)));
    folder.file("large-v.npy", npy([items, rank], numbers(items * rank)));
    folder.file(
      "large.csv",
      Array.from({ length: 3000 }, (_, row) => `${(row * 31) % users},${(row * 77) % items}\n`).join(""),
    );
    const embeddings = ["--user-embeddings", "large-u.npy", "--item-embeddings", "large-v.npy"];
    const all = [];
    for (const threads of ["1", "3"])
      all.push(await outputsOf("large.csv", ...embeddings, "--threads", threads));
    expect(all.map(({ threads }) => threads)).toEqual([1, 3]);
    for (const { digests } of all) expect(digests).toEqual(all[0]!.digests);
  });
});

describe("what a run says", () => {
  folder.file("log.csv", delimited(groupLog()));
  const SVD = ["--model", "svd", "--factors", "4"];

  it("is the contract's JSON alone on standard output with --json", async () => {
    const { exit, stdout, stderr } = await prorec(
      ["denoise", "log.csv", ...SVD, "--json", "-o", "json.csv"],
      { cwd },
    );
    expect(exit).toBe(0);
    expect(stderr).toMatch(/^(prorec: .*\n)+$/);
    const summary = JSON.parse(stdout);
    expect(Object.keys(summary)).toEqual([
      ...[
        "version",
        "mode",
        "model",
        "parameters",
        "transport",
        "marginals",
        "threshold",
        "gamma",
        "beta",
        "lambda",
        "iterations",
        "seed",
      ],
      ...[
        "threads",
        "engine",
        "users",
        "items",
        "interactions",
        "flagged",
        "flaggedShare",
        "planMass",
        "solver",
        "certificate",
      ],
      ...["objective", "seconds", "memory", "report"],
    ]);
    const rows = await readTable(folder.file("json.csv"));
    const flagged = rows.filter(({ noise }) => noise === "1").length;
    expect(summary).toMatchObject({
      ...{
        mode: "paper",
        model: "svd",
        transport: "relaxed",
        threshold: "personal",
        gamma: 0.1,
        beta: 20,
        lambda: 0.5,
      },
      ...{
        iterations: 1,
        seed: 1,
        users: 30,
        items: 24,
        interactions: rows.length,
        flagged,
        flaggedShare: flagged / rows.length,
      },
      objective: [
        { afterFit: expect.any(Number), afterRelabel: expect.any(Number), transportCost: expect.any(Number) },
      ],
      seconds: {
        read: expect.any(Number),
        fit: expect.any(Number),
        transport: expect.any(Number),
        write: expect.any(Number),
      },
      memory: { estimatedBytes: expect.any(Number), peakBytes: expect.any(Number) },
      report: {
        rows: rows.length,
        users: 30,
        items: 24,
        duplicates: 0,
        dropped: [],
        ratings: { lowest: 1, highest: 5 },
      },
    });
    expect(summary.planMass).toBeGreaterThan(1);
    expect(summary.planMass).toBeLessThan(2);
  });

  it("is a data report, the course and the result on standard error; nothing with --quiet", async () => {
    const args = [
      "denoise",
      "log.csv",
      ...SVD,
      "--min-rating",
      "3",
      "-o",
      "said.csv",
      "--flagged",
      "said-flagged.csv",
    ];
    const { stdout, stderr } = await prorec(args, { cwd });
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^prorec: log\.csv: \d+ rows, 30 users, 24 items, \d+ interactions, \d+ rows rated below 3\.$/m,
    );
    for (const stage of ["read", "svd", "columns", "rows", "write"])
      expect(stderr).toContain(`prorec: ${stage} ...\n`);
    expect(stderr).toMatch(
      /^prorec: \d+ of \d+ interactions \(\d+\.\d%\) lie below their user's threshold\.$/m,
    );
    expect(stderr).toMatch(/^prorec: Written: said\.csv, said-flagged\.csv$/m);
    expect(await prorec([...args, "--quiet"], { cwd })).toEqual({ exit: 0, stdout: "", stderr: "" });
  });

  it("is kept by --save-run: the input's digest, the options, the figures", async () => {
    const summary = JSON.parse(
      await run("denoise", "log.csv", ...SVD, "-o", "o.csv", "--save-run", "saved", "--json"),
    );
    expect(readdirSync(folder.file("saved")).sort()).toEqual([
      "checkpoint.json",
      "factors.prorec",
      "fit.prorec",
      "interactions.prorec",
      "result.prorec",
      "run.json",
    ]);
    const saved = JSON.parse(readFileSync(folder.file("saved/run.json"), "utf8"));
    const sha256 = createHash("sha256")
      .update(readFileSync(folder.file("log.csv")))
      .digest("hex");
    expect(saved).toMatchObject({
      ...summary,
      input: { name: "log.csv", sha256 },
      options: {
        log: ["log.csv"],
        model: "svd",
        factors: 4,
        gamma: 0.1,
        tolerance: 0.001,
        seed: 1,
        output: "o.csv",
      },
    });
  });

  it("is an example in --help", async () => {
    const stdout = await run("denoise", "--help");
    expect(stdout).toContain("Example:\n  prorec denoise clicks.csv -o clean.csv --flagged flagged.csv\n");
  });
});
