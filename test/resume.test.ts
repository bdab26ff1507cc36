import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, npy } from "./logs.ts";
import { prorec, ROOT } from "./process.ts";
import { wholeRun } from "./resuming.ts";

const windows = process.platform === "win32";
const folder = temporaryFolder();
const log = folder.file("log.csv", delimited(groupLog()));
const run = (...args: string[]) => prorec(args, { cwd: folder.path });

describe.skipIf(windows)("a run that is killed or interrupted (signals of POSIX)", () => {
  const preload = pathToFileURL(`${ROOT}test/fixtures/kill-at-rename.mjs`).href;

  it("goes on to the same bytes from wherever kill -9 found it: before each file gets its name", async () => {
    const whole = await wholeRun(folder.path, log, "--model", "svd", "--factors", "4", "--iterations", "2");
    expect(whole.files.filter((file) => file.startsWith("run/"))).toEqual(
      [
        "checkpoint.json",
        "factors.prorec",
        "fit.prorec",
        "interactions.prorec",
        "result.prorec",
        "run.json",
      ].map((file) => `run/${file}`),
    );
    const seen: string[] = [];
    for (let rename = 1; ; rename++) {
      const environment = { NODE_OPTIONS: `--import=${preload}`, KILL_AT_RENAME: String(rename) };
      const { exit, left } = await whole.stopped(async () => {}, environment);
      if (exit === 0) break; // fewer renames than that
      seen.push(left.filter((file) => !file.startsWith(".")).join(" "));
    }
    expect(seen).toEqual([
      "",
      "checkpoint.json",
      "checkpoint.json fit.prorec",
      "checkpoint.json fit.prorec round.prorec",
      "checkpoint.json fit.prorec round.prorec",
      "checkpoint.json fit.prorec result.prorec round.prorec",
      "checkpoint.json fit.prorec interactions.prorec result.prorec round.prorec",
      ...Array(3).fill("checkpoint.json factors.prorec fit.prorec interactions.prorec result.prorec"),
    ]);
  }, 300_000);

  it("goes on from the epoch that SIGINT found it in", async () => {
    const network = ["--model", "cdae", "--factors", "8", "--epochs", "40", "--patience", "40"];
    const whole = await wholeRun(folder.path, log, ...network);
    const { exit, left } = await whole.stopped(async ({ process }) => {
      await new Promise((resolve) => setTimeout(resolve, whole.milliseconds * 0.6));
      process.kill("SIGINT");
    });
    expect(exit).toBe(130);
    expect(left.filter((file) => file.startsWith("."))).toEqual([]);
  });
});

describe("--resume", () => {
  const SVD = ["--model", "svd", "--factors", "4"];
  const command = ["denoise", "log.csv", ...SVD, "-o", "out.csv", "--save-run", "kept"];

  it("of a finished run writes the outputs again and computes nothing", async () => {
    expect((await run(...command)).exit).toBe(0);
    const before = readdirSync(folder.file("kept")).map((file) => readFileSync(folder.file(`kept/${file}`)));
    const again = await run(...command, "-o", "again.csv", "--resume", "--json");
    expect(again.exit, again.stderr).toBe(0);
    expect(again.stderr).toContain("kept holds this run, finished: nothing is computed again.");
    expect(again.stderr).not.toContain("svd ...");
    expect(again.stderr).toMatch(/^prorec: Written: again\.csv$/m);
    expect(readFileSync(folder.file("again.csv"))).toEqual(readFileSync(folder.file("out.csv")));
    expect(JSON.parse(again.stdout)).toMatchObject({ model: "svd", seconds: { fit: 0, transport: 0 } });
    const after = readdirSync(folder.file("kept")).map((file) => readFileSync(folder.file(`kept/${file}`)));
    expect(after).toEqual(before);
  });

  it.each<[what: string, args: string[], name: string, was: string, is: string]>([
    ["another gamma", ["--gamma", ".2"], "--gamma", "0.1", "0.2"],
    ["another model", ["--model", "wrmf"], "--model", '"svd"', '"wrmf"'],
    ["other factors", ["--factors", "5"], "--factors", "4", "5"],
    ["another seed", ["--seed", "2"], "--seed", "1", "2"],
    ["another threshold", ["--threshold", "global:3"], "--threshold", '"personal"', '{"global":3}'],
    ["a minimum rating", ["--min-rating", "2"], "--min-rating", "null", "2"],
  ])("refuses %s by its name and both values", async (_, args, name, was, is) => {
    const { exit, stderr } = await run(...command, ...args, "--resume", "--quiet");
    expect(stderr).toContain(`prorec: kept holds an earlier run: its ${name} is ${was}, here it is ${is}.\n`);
    expect(stderr).toContain("  Give the same log and options as before, or name a new folder");
    expect(exit).toBe(3);
  });

  it("refuses another log, another version of ProRec and other embeddings", async () => {
    cpSync(folder.file("log.csv"), folder.file("longer.csv"));
    appendFileSync(folder.file("longer.csv"), "u0,i1,1,1\n");
    const longer = await run("denoise", "longer.csv", ...command.slice(2), "--resume", "--quiet");
    expect(longer.stderr).toMatch(
      /^prorec: kept holds an earlier run: its log is "[0-9a-f]{64}", here it is "/,
    );
    expect(longer.exit).toBe(3);

    cpSync(folder.file("kept"), folder.file("old"), { recursive: true });
    const identity = readFileSync(folder.file("old/checkpoint.json"), "utf8");
    const version = /("version of ProRec": )"[^"]+"/;
    writeFileSync(folder.file("old/checkpoint.json"), identity.replace(version, '$1"0.0.1"'));
    const old = await run(...command, "--save-run", "old", "--resume", "--quiet");
    expect(old.stderr).toContain('its version of ProRec is "0.0.1", here it is');

    const users = npy([30, 2], Array(60).fill(0.5));
    writeFileSync(folder.file("u.npy"), users);
    writeFileSync(folder.file("ids.txt"), Array.from({ length: 30 }, (_, user) => `u${user}\n`).join(""));
    writeFileSync(folder.file("v.npy"), npy([24, 2], Array(48).fill(0.25)));
    writeFileSync(folder.file("items.txt"), Array.from({ length: 24 }, (_, item) => `i${item}\n`).join(""));
    const files = ["--user-embeddings", "u.npy", "--user-ids", "ids.txt"];
    files.push("--item-embeddings", "v.npy", "--item-ids", "items.txt");
    const embedded = ["denoise", "log.csv", ...files, "-o", "e.csv", "--save-run", "embedded", "--quiet"];
    expect(await run(...embedded)).toEqual({ exit: 0, stdout: "", stderr: "" });
    expect(await run(...embedded, "--resume")).toEqual({ exit: 0, stdout: "", stderr: expect.any(String) });
    writeFileSync(folder.file("u.npy"), npy([30, 2], Array(60).fill(0.75)));
    expect((await run(...embedded, "--resume")).stderr).toContain("its --user-embeddings is");
  });

  it("needs --save-run and paper mode; without it a folder that holds a run is left alone", async () => {
    const alone = await run("denoise", "log.csv", "-o", "x.csv", "--resume");
    expect(alone.stderr).toContain("--resume goes on from the folder that --save-run names");
    expect(alone.exit).toBe(2);
    const calibrated = await run("denoise", "log.csv", "--mode", "calibrated", "--save-run", "c", "--resume");
    expect(calibrated.stderr).toContain("--save-run belongs to --mode paper");
    expect(calibrated.exit).toBe(2);
    const held = await run(...command, "--quiet");
    expect(held.stderr).toBe(
      "prorec: kept holds a run already, so no run can be saved there.\n  --resume goes on from it; for another run name a new folder.\n",
    );
    expect(held.exit).toBe(3);
  });

  it("names a checkpoint that is damaged", async () => {
    cpSync(folder.file("kept"), folder.file("damaged"), { recursive: true });
    const bytes = readFileSync(folder.file("damaged/result.prorec"));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(folder.file("damaged/result.prorec"), bytes);
    const { exit, stderr } = await run(...command, "--save-run", "damaged", "--resume", "--quiet");
    expect(stderr).toContain("damaged/result.prorec is damaged: its checksum is wrong");
    expect(exit).toBe(3);
  });
});
