import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { prorec } from "./process.ts";
import { EMBEDDED, folderWith } from "./refusals.ts";

describe.concurrent("outputs that can't be: exit 3, before any work", () => {
  const links = {
    same: (folder: string) => join(folder, "ok.csv"),
    "by way of another folder": (folder: string) => {
      symlinkSync(folder, join(folder, "here"));
      return "here/ok.csv";
    },
    "a symbolic link": (folder: string) => {
      symlinkSync("ok.csv", join(folder, "out.csv"));
      return "out.csv";
    },
    "a hard link": (folder: string) => {
      linkSync(join(folder, "ok.csv"), join(folder, "out.csv"));
      return "out.csv";
    },
  };
  it.each(Object.entries(links))("OUT is the input: %s", async (_, link) => {
    for (const option of ["-o", "--flagged"]) {
      const folder = folderWith();
      const log = readFileSync(join(folder, "ok.csv"));
      const output = link(folder);
      const before = readdirSync(folder);
      const { exit, stderr } = await prorec(["denoise", "ok.csv", option, output], { cwd: folder });
      expect(exit).toBe(3);
      expect(stderr).toContain(`The output ${output} is the input ok.csv; inputs are never overwritten.\n  `);
      expect(stderr).not.toContain("read ...");
      expect(readdirSync(folder)).toEqual(before);
      expect(readFileSync(join(folder, "ok.csv"))).toEqual(log);
    }
  });

  it.each<[what: string, args: string[], says: string[]]>([
    ["the ids", [...EMBEDDED.slice(0, -1), "ids.csv", "-o", "./ids.csv"], ["the input ids.csv"]],
    [
      "two outputs in one file",
      ["-o", "out.csv", "--flagged", "./out.csv"],
      ["out.csv and ./out.csv", "same file"],
    ],
    ["no such folder", ["-o", "absent/out.csv"], ["absent/out.csv", "folder does not exist"]],
    ["no such folder for flagged", ["-o", "out.csv", "--flagged", "absent/f.csv"], ["absent/f.csv"]],
    ["a file for a folder", ["-o", "ok.csv/out.csv"], ["ok.csv/out.csv", "not a folder"]],
    ["a folder", ["-o", "folder.csv"], ["folder.csv", "it is a folder"]],
    ["an unknown extension", ["-o", "out.xls"], ['"out.xls"', ".csv .csv.gz .csv.zst .tsv"]],
    ["an unknown extension for flagged", ["-o", "o.csv", "--flagged", "f.xls"], ['"f.xls"', ".csv .csv.gz"]],
    [
      "a run in a folder in use",
      ["-o", "out.csv", "--save-run", "used.csv"],
      ["used.csv holds something already"],
    ],
    ["a run in a file", ["-o", "out.csv", "--save-run", "ok.csv"], ["ok.csv is not a folder"]],
    ["a run nowhere", ["-o", "out.csv", "--save-run", "absent/run"], ["absent/run", "folder does not exist"]],
  ])("%s", async (_, args, says) => {
    const folder = folderWith({ "ids.csv": "x\ny\n" });
    mkdirSync(join(folder, "folder.csv"));
    mkdirSync(join(folder, "used.csv/something"), { recursive: true });
    const before = readdirSync(folder);
    const { exit, stdout, stderr } = await prorec(["denoise", "ok.csv", ...args], { cwd: folder });
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    for (const part of says) expect(stderr).toContain(part);
    expect(stderr).toMatch(/\n {2}\S.*\.\n$/);
    expect(stderr).not.toContain("read ...");
    expect(readdirSync(folder)).toEqual(before);
  });

  const windows = process.platform === "win32";
  it.skipIf(windows)(`a device${windows ? " (skipped: none on Windows)" : ""}`, async () => {
    const folder = folderWith();
    symlinkSync("/dev/null", join(folder, "null.csv"));
    const { exit, stderr } = await prorec(["denoise", "ok.csv", "-o", "null.csv"], { cwd: folder });
    expect(exit).toBe(3);
    expect(stderr).toContain("null.csv: it is not a regular file");
  });
});

describe.concurrent("option errors: exit 2, the option, the value and what is allowed", () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "--gamma 0": ["--gamma", "'0'", "above 0"],
    "--gamma=-1": ["--gamma", "'-1'", "above 0"],
    "--gamma NaN": ["--gamma", "'NaN'", "above 0"],
    "--beta 0": ["--beta", "'0'", "above 0"],
    "--lambda 1.5": ["--lambda", "'1.5'", "from 0 to 1"],
    "--factors 0": ["--factors", "'0'", "at least 1"],
    "--factors -2": ["--factors", "'-2'", "at least 1"],
    "--threads 0": ["--threads", "'0'", "at least 1"],
    "--threads -2": ["--threads", "'-2'", "at least 1"],
    "--iterations 0": ["--iterations", "'0'", "at least 1"],
    "--seed x": ["--seed", "'x'", "whole number"],
    "--min-rating high": ["--min-rating", "'high'"],
    "--model sdv": ["--model", "'sdv'", "Did you mean svd?"],
    "--transport relaxd": ["--transport", "'relaxd'", "Did you mean relaxed?"],
    "--threshold persnal": ["--threshold", "'persnal'", "global:K", "Did you mean personal?"],
    "--threshold global": ["--threshold", "global:10"],
    "--mode papr": ["--mode", "Did you mean paper?"],
    "--columns usr=user": ["--columns", "Did you mean user?"],
    "--facotrs 5": ["'--facotrs'", "Did you mean --factors?"],
    "--model svd --root 1": ["svd has no root", "factors"],
    "--model svd --regularization 1": ["svd has no regularization"],
    "--json": ["--json needs -o"],
    "--user-embeddings u.npy": ["--item-embeddings"],
    "--user-ids u.ids": ["--user-embeddings"],
  };
  it.each(Object.keys(cases))("prorec denoise %s", async (options) => {
    await expectRefused(options.split(" "), cases[options]!);
  });

  it.each(["--iterations 2", "--until-converged", "--model svd", "--factors 2", "--root 1"])(
    "embeddings with %s, which is about a fit",
    async (options) => {
      const args = options.split(" ");
      await expectRefused([...EMBEDDED, ...args], [args[0]!, "embeddings are taken as they are"]);
    },
  );

  async function expectRefused(args: readonly string[], says: readonly string[]) {
    const folder = folderWith();
    const before = readdirSync(folder);
    const ended = await prorec(["denoise", "ok.csv", ...args], { cwd: folder });
    expect(ended).toMatchObject({ exit: 2, stdout: "" });
    for (const part of says) expect(ended.stderr).toContain(part);
    expect(ended.stderr.split("\n")).toHaveLength(args.includes("--json") ? 2 : 3);
    expect(readdirSync(folder)).toEqual(before);
  }

  it.each([
    [["denois", "ok.csv"], "Did you mean denoise?"],
    [["denoise"], "missing required argument"],
    [["denoise", "-", "-"], "standard input, which can be read only once"],
    [["synth", "--user", "5"], "Did you mean --users?"],
    [["synth", "--users", "0"], "at least 1"],
    [["synth", "--noise", "1"], "below 1"],
    [
      ["synth", "--users", "9", "--items", "9", "--interactions", "99"],
      "9 users, 9 items and 99 interactions",
    ],
    [["synth", "--json"], "--json needs -o"],
  ])("prorec %j", async (args, says) => {
    const { exit, stdout, stderr } = await prorec(args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(says);
  });
});
