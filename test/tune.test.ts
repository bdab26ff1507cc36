import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog } from "./logs.ts";
import { type Ended, prorec, start } from "./process.ts";

const windows = process.platform === "win32";
const folder = temporaryFolder();
const log = folder.file("clicks.csv", delimited(groupLog({ users: 60, items: 40 })));
const tune = (...args: string[]) => prorec(["tune", ...args], { cwd: folder.path });
/** PureSVD on clicks as they are: a search of the factors alone. */
const SVD = ["--model", "svd", "--user-power", "0", "--item-power", "0"];
const QUICK = [...SVD, "--runs", "2", "--denoise", "--trials", "9", "--json"];

interface Trial {
  readonly parameters: Record<string, number>;
  readonly denoise: Record<string, number> | null;
  readonly value: number | null;
  readonly runs: number[];
  readonly failure: { code: string; message: string } | null;
}

interface Result {
  readonly protocol: Record<string, unknown>;
  readonly trials: Trial[];
  readonly default: Trial;
  readonly base: Trial;
  readonly prorec: Trial | null;
  readonly best: Trial;
  readonly settled: boolean;
  readonly next: { evaluate: string; denoise: string };
}

function resultOf({ exit, stdout, stderr }: Ended): Result {
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** The lines of a trial log after its first. */
const trialsIn = (path: string): Trial[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));

describe("prorec tune", () => {
  const kept = folder.file("trials.ndjson");
  let ended: Ended;
  let result: Result;
  beforeAll(async () => {
    ended = await tune(log, ...QUICK, "--log", kept);
    result = resultOf(ended);
  });

  it("has every trial in its JSON, in its log and on standard error", () => {
    expect(Object.keys(result)).toEqual([
      ...["protocol", "trials", "default", "base", "prorec", "best", "settled", "next"],
    ]);
    expect(result.trials).toHaveLength(9);
    expect(trialsIn(kept)).toEqual(result.trials);
    for (const [index, { value, failure }] of result.trials.entries()) {
      expect(value === null).toBe(failure !== null);
      const line = new RegExp(
        `^prorec: trial ${index + 1}: factors .*: (ndcg@5 [.0-9]+|can't run: .*)$`,
        "m",
      );
      expect(ended.stderr).toMatch(line);
    }
    expect(result.trials.map(({ parameters }) => parameters.factors).slice(0, 5)).toEqual([
      40, 5, 10, 20, 50,
    ]);
    expect(result.trials[4]).toMatchObject({ value: null, failure: { code: "TOO_LARGE" } });
  });

  it("says all that it takes to do it again", () => {
    expect(result.protocol).toMatchObject({
      log: { name: log, users: 60, items: 40 },
      ...{ split: "global", ratio: { train: 0.5, validation: 0.2, test: 0.3 }, runs: 2, seed: 1, trials: 9 },
      ...{
        model: "svd",
        given: { userPower: 0, itemPower: 0 },
        grid: { factors: [5, 10, 20, 50, 100, 200] },
      },
      denoise: { transport: "relaxed", threshold: "personal" },
      denoiseGrid: { gamma: [0.05, 0.075, 0.1, 0.125, 0.15, 0.175], lambda: [0.25, 0.5, 0.75] },
      metric: { name: "ndcg@5" },
    });
  });

  it("prints the same bytes for any number of threads, with what a log has or without", async () => {
    const copies = [1, 4, 10].map((lines, index) => {
      const text = readFileSync(kept, "utf8").split("\n").slice(0, lines).join("\n");
      return folder.file(`part${index}.ndjson`, index === 1 ? `${text}\n{"parameters":{"fac` : `${text}\n`);
    });
    const others = await Promise.all([
      tune(log, ...QUICK, "--threads", "1"),
      tune(log, ...QUICK, "--threads", "2"),
      ...copies.map((copy) => tune(log, ...QUICK, "--log", copy, "--quiet")),
    ]);
    for (const other of others) expect(other.stdout, other.stderr).toBe(ended.stdout);
    for (const copy of copies) expect(readFileSync(copy, "utf8")).toBe(readFileSync(kept, "utf8"));
    expect(others[4]!.stderr).toBe("");
  });

  it("goes on from its log with more trials, and takes what is there", async () => {
    const copy = folder.file("more.ndjson");
    copyFileSync(kept, copy);
    const more = await tune(log, ...QUICK, "--trials", "10", "--log", copy);
    expect(resultOf(more).trials.slice(0, 5)).toEqual(result.trials.slice(0, 5));
    expect(more.stderr).toContain("has 9");
    expect(more.stderr).toMatch(
      /^prorec: trial 5 \(from the log\): factors 50 userPower 0 itemPower 0: can't run: /m,
    );
  });

  it("names commands that do what it found, on the rows it held back", async () => {
    const { base, prorec: denoised, next } = result;
    const { factors } = base.parameters;
    const { gamma, beta, lambda } = denoised!.denoise!;
    const words = `--model svd --factors ${factors} --user-power 0 --item-power 0 --gamma ${gamma} --beta ${beta} --lambda ${lambda}`;
    expect(next.denoise).toBe(`prorec denoise ${log} -o clean.csv ${words}`);
    expect(next.evaluate).toBe(`prorec evaluate ${log} --runs 1 ${words}`);
    const [first, second] = await Promise.all(
      [next.evaluate, next.denoise].map((line) => prorec(line.split(" ").slice(1), { cwd: folder.path })),
    );
    expect(first!.exit, first!.stderr).toBe(0);
    expect(second!.exit, second!.stderr).toBe(0);
    expect(existsSync(folder.file("clean.csv"))).toBe(true);
  });

  it("carries over what was given, quoted for a shell", async () => {
    const odd = folder.file(
      "it's mine.csv",
      `"the user",thing,rating\n${readFileSync(log, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.split(",").slice(0, 3).join(","))
        .join("\n")}`,
    );
    const given =
      "--columns|user=the user,item=thing|--min-rating|2|--seed|7|--split|user|--ratio|6:2:2".split("|");
    const search =
      "--metric recall@3 --runs 1 --trials 1 --factors 4 --root .9 --regularization 10 --json".split(" ");
    const { next, protocol } = resultOf(await tune(odd, ...given, ...search));
    expect(protocol).toMatchObject({ given: { factors: 4, root: 0.9, regularization: 10 }, denoise: null });
    const path = `'${odd.replace("'", "'\\''")}'`;
    const carried = "--columns 'user=the user,item=thing' --min-rating 2 --seed 7";
    expect(next).toEqual({
      evaluate: `prorec evaluate ${path} --runs 1 -k 3 --split user --ratio 6:2:2 --model nce-plrec --factors 4 --regularization 10 --root 0.9 ${carried}`,
      denoise: `prorec denoise ${path} -o clean.csv --model nce-plrec --factors 4 --regularization 10 --root 0.9 ${carried}`,
    });
  });

  it("tells people what came out", async () => {
    const { exit, stdout } = await tune(log, ...SVD, "--runs", "1", "--metric", "hr@3");
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^\| trial +\| factors \| userPower \| itemPower \| +hr@3 \|$/m);
    expect(stdout).toMatch(/^\| \d best +\| /m);
    expect(stdout).toContain("The default has hr@3 ");
    expect(stdout).toContain("No single change on the grid is better (7 trials).");
    const denoised = await tune(log, ...SVD, "--runs", "1", "--trials", "3", "--denoise");
    expect(denoised.stdout).toMatch(/^The best with denoising: .*\.\n(The best of many|So denoising)/m);
    expect(denoised.stdout).toContain("The 3 trials were used up; more may find better.");
    expect(stdout).toMatch(
      /^ {2}prorec evaluate \S+clicks\.csv --runs 1 -k 3 --model svd --factors \d+ --user-power 0 --item-power 0$/m,
    );
  });
});

describe.skipIf(windows)("a tune that is stopped (signals of POSIX)", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)(
    "by %s keeps its finished trials and ends, started again, as if nothing had been",
    async (signal, exit) => {
      const kept = folder.file(`${signal}.ndjson`);
      const args = ["tune", log, "--model", "nce-plrec", "--runs", "2", "--trials", "6", "--json"];
      const running = start("dist/cli/main.js", [...args, "--log", kept]);
      await running.hasSaid("trial 2: ");
      const sent = performance.now();
      running.process.kill(signal);
      const stopped = await running.ended;
      expect(performance.now() - sent).toBeLessThan(10_000); // a second on an idle machine
      expect(stopped).toMatchObject({ exit, stdout: "" });
      const before = trialsIn(kept);
      expect(before.length).toBeGreaterThanOrEqual(2);

      const [resumed, whole] = await Promise.all([prorec([...args, "--log", kept]), prorec(args)]);
      expect(resumed.stdout, resumed.stderr).toBe(whole.stdout);
      expect(resumed.stderr).toContain("trial 2 (from the log): ");
      expect(trialsIn(kept)).toEqual(resultOf(whole).trials);
      expect(trialsIn(kept).slice(0, before.length)).toEqual(before);
    },
  );
});

describe("what tune refuses", () => {
  it.each([
    [["--metric", "ndgc@5"], "one of ndcg, recall", "Did you mean ndcg?"],
    [["--metric", "ndcg"], "at what length", ""],
    [["--metric", "ndcg@0"], "at least 1", ""],
    [["--trials", "0"], "at least 1", ""],
    [["--runs", "0"], "at least 1", ""],
    [["--ratio", "7:0:3"], "above 0", ""],
    [["--split", "given"], "one of global, user", ""],
    [["--gamma", ".1"], "--gamma is about denoising; --denoise asks for it", ""],
    [["--until-converged"], "--until-converged is about denoising", ""],
    [["--model", "svd", "--root", "1"], "svd has no root", ""],
  ])("%j", async (args, message, hint) => {
    const { exit, stdout, stderr } = await tune("clicks.csv", ...args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  it("another log, or other options, for the same trial log", async () => {
    const kept = folder.file("mine.ndjson");
    const args = ["--model", "svd", "--factors", "4", "--runs", "1", "--log", kept];
    resultOf(await tune(log, ...args, "--json"));
    const before = readFileSync(kept, "utf8");
    const changed = folder.file("changed.csv", `${readFileSync(log, "utf8")}u1,i2,5,881250999\n`);
    const refusals = await Promise.all([
      tune(changed, ...args),
      tune(log, ...args, "--seed", "2"),
      tune(log, ...args, "--factors", "5"),
      tune(log, ...args, "--metric", "ndcg@9"),
      tune(log, ...args, "--model", "nce-plrec"),
      tune(log, ...args, "--min-rating", "2"),
    ]);
    const names = ["log", "seed", "given", "metric", "model", "minRating"];
    for (const [index, { exit, stdout, stderr }] of refusals.entries()) {
      expect({ exit, stdout }, stderr).toEqual({ exit: 3, stdout: "" });
      expect(stderr).toContain(`${kept} holds trials of another search: its ${names[index]} is `);
    }
    expect(readFileSync(kept, "utf8")).toBe(before);
  });

  it("a trial log that is the input, or something else's file", async () => {
    const other = folder.file("other.json", "{}\n");
    const [input, foreign] = await Promise.all([tune(log, "--log", log), tune(log, "--log", other)]);
    expect(input.exit).toBe(3);
    expect(input.stderr).toContain("inputs are never overwritten");
    expect(foreign.exit).toBe(3);
    expect(foreign.stderr).toContain("line 1, does not say which search it belongs to");
    expect(readFileSync(other, "utf8")).toBe("{}\n");
  });

  it("a log too small to be cut", async () => {
    writeFileSync(folder.file("one.csv"), "user,item\na,x\n");
    const { exit, stdout, stderr } = await tune("one.csv", "--log", "none.ndjson");
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr).toContain("nothing to validate on");
  });
});
