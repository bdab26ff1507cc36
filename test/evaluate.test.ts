import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, parseDelimited, readTable } from "./logs.ts";
import { type Ended, prorec } from "./process.ts";

const folder = temporaryFolder();
const log = folder.file("clicks.csv", delimited(groupLog({ users: 60, items: 40 })));
const evaluate = (...args: string[]) => prorec(["evaluate", ...args], { cwd: folder.path });
const evaluated = async (...args: string[]) => resultOf(await evaluate(...args, "--json"));

const CONTROLS = ["shuffled", "uniform", "mean-1", "user-mean-1", "user-balance"];
const METRICS = ["ndcg", "recall", "precision", "map", "hr", "paper.ndcg", "paper.map", "paper.recall"];

interface Interval {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

interface Result {
  readonly protocol: Record<string, unknown>;
  readonly runs: { seed: number; arms: Record<string, Record<string, number>> }[];
  readonly summary: Record<string, Record<string, Interval>>;
  readonly tests: (Record<string, number | null> & { arm: string; against: string; metric: string })[];
  readonly verdicts: { metric: string; verdict: string; matchedBy: string[]; goneIn: string[] }[];
}

function resultOf({ exit, stdout, stderr }: Ended): Result {
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("prorec evaluate --json", () => {
  const perUser = folder.file("per-user.csv");
  let result: Result;
  let table: Record<string, string>[];
  beforeAll(async () => {
    result = await evaluated(log, "--model", "svd", "--factors", "4", "--runs", "3", "--per-user", perUser);
    table = await readTable(perUser);
  });
  const test = (arm: string, against: string, metric: string) =>
    result.tests.find((each) => each.arm === arm && each.against === against && each.metric === metric)!;
  const valuesOf = (arm: string, metric: string) =>
    table.filter((row) => row.arm === arm).map((row) => Number(row[metric]));

  it("has the contract's fields", () => {
    expect(Object.keys(result)).toEqual(["protocol", "runs", "summary", "tests", "verdicts"]);
    expect(result.runs.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    const metrics = METRICS.map((name) => `${name}@5`);
    for (const arms of [...result.runs.map((run) => run.arms), result.summary]) {
      expect(Object.keys(arms)).toEqual(["base", "prorec", ...CONTROLS]);
      for (const values of Object.values(arms)) expect(Object.keys(values)).toEqual(metrics);
    }
    expect(result.tests).toHaveLength((6 + 5) * 8);
    for (const each of result.tests) {
      expect(Object.keys(each).sort()).toEqual(
        ["against", "arm", "difference", "high", "low", "metric", "n", "tP", "wilcoxonP"].sort(),
      );
    }
    expect(result.verdicts.map(({ metric }) => metric)).toEqual(metrics);
  });

  it("says all that it takes to do it again", () => {
    const { protocol } = result;
    expect(protocol).toMatchObject({
      log: { name: log, rows: readFileSync(log, "utf8").split("\n").length - 2, users: 60, items: 40 },
      split: "global",
      ratio: { train: 0.5, validation: 0.2, test: 0.3 },
      ...{ runs: 3, seed: 1, k: 5, model: "svd" },
      parameters: { factors: 4, seed: 1 },
      denoise: {
        gamma: 0.1,
        beta: 20,
        lambda: 0.5,
        iterations: 1,
        transport: "relaxed",
        threshold: "personal",
      },
    });
    expect((protocol.log as { sha256: string }).sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(protocol.controls as object)).toEqual(CONTROLS);
    expect(protocol.metrics).toMatchObject({ "hr@5": "1 if there is a hit in the top k, else 0." });
  });

  it("summarizes the runs by mean and 95% t interval", () => {
    for (const [arm, metrics] of Object.entries(result.summary)) {
      for (const [metric, { mean, low, high }] of Object.entries(metrics)) {
        const values = result.runs.map((run) => run.arms[arm]![metric]!);
        const expected = values.reduce((sum, value) => sum + value) / 3;
        const variance = values.reduce((sum, value) => sum + (value - expected) ** 2, 0) / 2;
        const half = 4.302653 * Math.sqrt(variance / 3); // t quantile of two degrees of freedom
        expect(mean).toBeCloseTo(expected, 12);
        expect(low).toBeCloseTo(expected - half, 6);
        expect(high).toBeCloseTo(expected + half, 6);
      }
    }
  });

  it("tests the users' own values, which --per-user keeps", () => {
    expect(table).toHaveLength(valuesOf("base", "hr@5").length * 7);
    for (const { arm, against, metric, difference, n, low, high } of result.tests) {
      const against_ = valuesOf(against, metric);
      const differences = valuesOf(arm, metric).map((value, user) => value - against_[user]!);
      expect(n).toBe(differences.length);
      expect(difference).toBeCloseTo(
        differences.reduce((sum, value) => sum + value) / differences.length,
        12,
      );
      expect((low! + high!) / 2).toBeCloseTo(difference!, 12);
    }
  });

  it("changes nothing where a weight can't: scaling all of a PureSVD's weights", () => {
    for (const metric of METRICS.map((name) => `${name}@5`)) {
      expect(test("uniform", "base", metric)).toMatchObject({ difference: 0, tP: 1, wilcoxonP: 1 });
      expect(test("prorec", "mean-1", metric).difference).toBeCloseTo(0, 12);
    }
  });

  it("orders its p values and never prints NaN", () => {
    for (const { tP, low, high, difference } of result.tests) {
      expect(low! <= difference! && difference! <= high!).toBe(true);
      expect(tP! >= 0 && tP! <= 1).toBe(true);
      if (low! > 0 || high! < 0) expect(tP).toBeLessThan(0.05);
      else if (low! < 0 && high! > 0) expect(tP).toBeGreaterThan(0.05);
    }
  });
});

describe("prorec evaluate", () => {
  it("prints the same bytes for the same seed and any number of threads, others for another", async () => {
    const run = (...args: string[]) =>
      evaluate(log, "--factors", "6", "--runs", "2", "--json", "--quiet", ...args);
    const [one, again, threads, other] = await Promise.all([
      run("--threads", "1"),
      run("--threads", "1"),
      run("--threads", "3"),
      run("--seed", "9"),
    ]);
    expect(one.stdout).toBe(again.stdout);
    expect(one.stdout).toBe(threads.stdout);
    expect(resultOf(other).runs).not.toEqual(resultOf(one).runs);
  });

  it("tells people what came out: tables, a sentence, definitions", async () => {
    const { exit, stdout, stderr } = await evaluate(log, "--factors", "6", "--runs", "2");
    expect(exit).toBe(0);
    expect(stdout).toContain("| base ");
    expect(stdout).toContain("| prorec - user-balance ");
    expect(stdout).toMatch(/^prorec: ndcg@5 [+-][0-9.]+% (over|against) base \(p .*\).*\.$/m);
    expect(stdout).toContain("\nrecall@5: Hits in the top k, divided by the number of test items n.\n");
    expect(stdout).toContain("\nuniform: ");
    expect(stderr).toContain("run 2 of 2: done");
  });

  it("leaves out what isn't asked for", async () => {
    const [bare, plain] = await Promise.all([
      evaluated(log, "--runs", "1", "--factors", "4", "--with", "none"),
      evaluated(log, "--runs", "1", "--factors", "4", "--with", "none,prorec", "--no-controls", "-k", "3"),
    ]);
    expect(Object.keys(bare.summary)).toEqual(["base"]);
    expect([bare.tests, bare.verdicts, bare.protocol.denoise]).toEqual([[], [], null]);
    expect(Object.keys(plain.summary)).toEqual(["base", "prorec"]);
    expect(plain.summary.base!["hr@3"]).toMatchObject({ low: null, high: null });
    expect(plain.protocol.controls).toEqual({});
  });

  it("compares networks with the denoising losses", async () => {
    const cdae = ["--model", "cdae", "--factors", "4", "--epochs", "3", "--runs", "1"];
    const [all, text] = await Promise.all([
      evaluated(log, ...cdae, "--with", "t-ce,r-ce,prorec", "--no-controls", "--drop-rate", ".3"),
      evaluate(log, ...cdae, "--with", "t-ce"),
    ]);
    expect(Object.keys(all.summary)).toEqual(["base", "t-ce", "r-ce", "prorec"]);
    expect(all.protocol.parameters).toMatchObject({ loss: "ce", epochs: 3 });
    expect(all.protocol.rivals).toMatchObject({ "t-ce": { loss: "t-ce", dropRate: 0.3, epochs: 3 } });
    const pairs = new Set(all.tests.map(({ arm, against }) => `${arm} - ${against}`));
    expect(pairs).toEqual(
      new Set(["t-ce - base", "r-ce - base", "prorec - base", "prorec - t-ce", "prorec - r-ce"]),
    );
    expect(text).toMatchObject({ exit: 0 });
    expect(text.stdout).toContain("| t-ce - base ");
  });

  it("cuts as it is told to", async () => {
    const [byUser, ratio] = await Promise.all([
      evaluated(log, "--runs", "1", "--with", "none", "--factors", "4", "--split", "user"),
      evaluated(log, "--runs", "1", "--with", "none", "--factors", "4", "--ratio", "8:0:2"),
    ]);
    expect(byUser.protocol.split).toBe("user");
    expect(ratio.protocol.ratio).toEqual({ train: 0.8, validation: 0, test: 0.2 });
  });
});

describe("prorec evaluate --test", () => {
  /** Every user has the ten items of one of two groups, but u0 lacks a9 and u1 b9: what a rank-2 SVD puts first. */
  const rows = Array.from({ length: 20 }, (_, user) =>
    Array.from({ length: 10 }, (_, item) => [`u${user}`, `${"ab"[user % 2]}${item}`]),
  ).flat();
  const lacking = ["u0 a9", "u1 b9"];
  const train = folder.file(
    "train.csv",
    delimited([["user", "item"], ...rows.filter(([user, item]) => !lacking.includes(`${user} ${item}`))]),
  );

  it("trains on the log and tests on the other, over the ids of both", async () => {
    const test = folder.file(
      "test.csv",
      delimited([
        ["user", "item"],
        ["u0", "a9"], // found
        ["u1", "new"], // an item that no model can know
        ["u0", "a1"], // in the log already
      ]),
    );
    const perUser = folder.file("given.csv");
    const options = "--model svd --factors 2 -k 1 --runs 1".split(" ");
    const args = [train, "--test", test, ...options, "--per-user", perUser];
    const ended = await evaluate(...args, "--json");
    const { protocol, summary } = resultOf(ended);
    expect(protocol).toMatchObject({ split: "given", test });
    expect(ended.stderr).toContain("1 of them are in the log too, and left out of the test");
    for (const metric of ["ndcg@1", "recall@1", "map@1"]) expect(summary.base![metric]!.mean).toBe(0.5);
    const own = (await readTable(perUser)).filter(({ arm }) => arm === "base");
    expect(own.map(({ user, "ndcg@1": ndcg }) => [user, ndcg])).toEqual([
      ["u0", "1"],
      ["u1", "0"],
    ]);
  });

  it("refuses a test that the log has whole", async () => {
    const { exit, stderr } = await evaluate(train, "--test", train);
    expect(exit).toBe(3);
    expect(stderr).toContain("nothing to test on");
  });
});

describe("what evaluate refuses", () => {
  it.each([
    [["--with", "prorce"], "It must be one of none, prorec, t-ce, r-ce.", "Did you mean prorec?"],
    [["--with", "none,"], "It must be one of none, prorec, t-ce, r-ce.", ""],
    [["--split", "users"], "one of global, user, given", "Did you mean user?"],
    [["--split", "given"], "--split given needs --test FILE", ""],
    [["--split", "user", "--test", "clicks.csv"], "--split user cuts the log, but --test gives the cut", ""],
    [["--ratio", "7:0:3", "--test", "clicks.csv"], "--ratio cuts a log, but --test gives the cut", ""],
    [["--ratio", "1:2"], "5:2:3", ""],
    [["--runs", "0"], "at least 1", ""],
    [["-k", "0"], "at least 1", ""],
    [["--model", "svd", "--root", "1"], "svd has no root", ""],
    [["--model", "svd", "--with", "t-ce"], "svd has no loss for each interaction; cdae, vae-cf have one", ""],
    [["--model", "cdae", "--dropout", "1"], "from 0 to below 1", ""],
    [["--model", "cdae", "--loss", "t_ce"], "one of ce, t-ce, r-ce", "Did you mean t-ce?"],
    [["--gamma", "0"], "above 0", ""],
    [["--model", "svd", "--warm-start"], "--warm-start: svd is always fitted anew", ""],
  ])("%j", async (args, message, hint) => {
    const { exit, stdout, stderr } = await evaluate("clicks.csv", ...args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  it.each([
    ["one.csv", "user,item\na,x\n", [], "nothing to test on"],
    ["columns.csv", "who,what\na,x\n", [], "says that it holds the user"],
    ["rated.csv", "user,item,rating\na,x,1\n", ["--min-rating", "4"], "none of the 1 rows is rated 4"],
    ["bad.csv", "user,item,rating\na,x,good\n", [], 'row 2, column "rating"'],
    ["own.csv", "user,item\na,x\na,y\n", ["--per-user", "own.csv"], "inputs are never overwritten"],
    ["format.csv", "user,item\na,x\na,y\n", ["--per-user", "values.xlsx"], "says no known format"],
  ])("%s: data errors, exit 3", async (name, content, args, message) => {
    writeFileSync(folder.file(name), content);
    const before = readdirSync(folder.path);
    const { exit, stdout, stderr } = await evaluate(name, ...args);
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr).toContain(message);
    expect(readdirSync(folder.path)).toEqual(before);
    expect(parseDelimited(readFileSync(folder.file(name), "utf8"))).toEqual(parseDelimited(content));
  });
});
