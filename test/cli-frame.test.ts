import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prorec, ROOT, start } from "./process.ts";

/** Commands made to fail, on the same frame as the real ones. */
const trouble = (...args: string[]) => start("test/fixtures/frame-program.mjs", args);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prorec-frame-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("help", () => {
  it("is what prorec alone prints, on standard output, exit 0", async () => {
    const alone = await prorec([]);
    expect(alone).toMatchObject({ exit: 0, stderr: "" });
    expect(alone.stdout).toMatch(/^Usage: prorec /);
    expect(alone).toEqual(await prorec(["--help"]));
  });

  it("of a command is on standard output, exit 0", async () => {
    const help = await prorec(["noise", "inject", "--help"]);
    expect(help).toMatchObject({ exit: 0, stderr: "" });
    expect(help.stdout).toContain("\nExample:\n  prorec noise inject ");
  });

  it("is what -h asks for, and may be read in part", async () => {
    expect(await prorec(["-h"])).toEqual(await prorec(["--help"]));
    expect(await prorec(["noise", "inject", "-h"])).toEqual(await prorec(["noise", "inject", "--help"]));
    const running = start("dist/cli/main.js", ["help"]);
    running.process.stdout!.destroy();
    expect(await running.ended).toEqual({ exit: 0, stdout: "", stderr: "" });
  });

  it("tells what each exit code means", async () => {
    const { stdout } = await prorec(["--help"]);
    for (const exit of [0, 1, 2, 3, 4, 5, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${exit} +\\w`, "m"));
  });

  it("--version prints package.json's", async () => {
    const { version } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8"));
    expect(await prorec(["--version"])).toEqual({ exit: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("option errors end with exit 2, an answer and no stack", () => {
  it.each([
    [["metrcis"], "unknown command 'metrcis'", "Did you mean metrics?"],
    [["noise", "injct"], "unknown command 'injct'", "Did you mean inject?"],
    [["metrics", "--jsn"], "unknown option '--jsn'", "Did you mean --json?"],
    [["metrics", "surplus"], "too many arguments", "--help"],
    [["\u001b[2J"], "unknown command '\\u{1b}[2J'", "--help"],
  ])("prorec %j", async (args, message, hint) => {
    const { exit, stdout, stderr } = await prorec(args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    const lines = stderr.split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^prorec: /);
    expect(lines[0]).toContain(message);
    expect(lines[1]).toContain(hint);
  });

  it.each([
    ["--gamma", "-1", "above 0"],
    ["--gamma", "0", "above 0"],
    ["--gamma", "", "above 0"],
    ["--factors", "0", "at least 1"],
    ["--factors", "-5", "at least 1"],
    ["--threads", "0", "at least 1"],
    ["--threads", "-1", "at least 1"],
    ["--engine", "simd", "one of auto, relaxed-simd, simd128"],
    ["--model", "sdv", "one of svd, nce-plrec"],
    ["--columns", "user", "user=user_id,item=3"],
  ])("%s '%s'", async (option, value, allowed) => {
    const { exit, stdout, stderr } = await trouble("take", option, value).ended;
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(/^prorec: option /);
    for (const part of [option, `'${value}'`, allowed]) expect(stderr).toContain(part);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it("are JSON with --json", async () => {
    const { exit, stdout, stderr } = await trouble("take", "--json", "--model", "sdv").ended;
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "BAD_OPTION",
        message: "option '--model <name>' argument 'sdv' is invalid. It must be one of svd, nce-plrec.",
        hint: "Did you mean svd?",
        details: {},
      },
    });
  });

  it("may come from a command that finds two options at odds", async () => {
    const { exit, stderr } = await trouble("fail", "COMBINATION").ended;
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^prorec: --json needs -o FILE\.\n {2}prorec --help .*\n$/);
  });
});

it("hands the parsed options to the command", async () => {
  const { stdout } = await trouble(
    "take",
    "--gamma",
    ".1",
    "--ratio",
    "5:2:3",
    "--columns",
    "user=a b,item=2",
  ).ended;
  expect(JSON.parse(stdout)).toEqual({
    seed: 1,
    engine: "auto",
    gamma: 0.1,
    ratio: { train: 0.5, validation: 0.2, test: 0.3 },
    columns: { user: "a b", item: "2" },
  });
});

describe("data errors", () => {
  it.each([
    ["BAD_ROW", 3],
    ["NOT_CONVERGED", 4],
    ["TOO_LARGE", 5],
  ])("%s ends with exit %i", async (code, exit) => {
    const ended = await trouble("fail", code).ended;
    expect(ended).toEqual({
      exit,
      stdout: "",
      stderr: "prorec: Row 3 of a\\u{1b}[2J.csv is wrong.\n  Correct it.\n",
    });
  });

  it("are one inert line of JSON with --json", async () => {
    const { exit, stdout, stderr } = await trouble("fail", "BAD_ROW", "--json").ended;
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "BAD_ROW",
        message: "Row 3 of a\u001b[2J.csv is wrong.",
        hint: "Correct it.",
        details: { file: "a\u001b[2J.csv", row: 3, column: "rating", value: "\u009b31m\u202e" },
      },
    });
  });
});

describe("bugs end with exit 1, say so and show the stack", () => {
  it.each([
    ["BUG", "internal error: x is not\\u{1b}[31m a function"],
    ["LATE", "internal error: late"],
  ])("%s", async (code, message) => {
    const { exit, stdout, stderr } = await trouble("fail", code).ended;
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain(`prorec: ${message}\n`);
    expect(stderr).toContain("a bug in ProRec. Please report it");
    expect(stderr).toMatch(/^ {4}at .*frame-program\.mjs/m);
  });
});

describe.skipIf(process.platform === "win32")("being stopped (signals of POSIX)", () => {
  it.each([
    ["SIGINT", 130, []],
    ["SIGTERM", 143, []],
    ["SIGINT", 130, ["--deaf"]],
    ["SIGTERM", 143, ["--deaf", "--json"]],
  ] as const)("%s ends with exit %i within a second and leaves nothing, %j", async (signal, exit, flags) => {
    const running = trouble("busy", join(folder, "out.csv"), ...flags);
    await running.hasSaid("worked 0.3 s");
    expect(readdirSync(folder)).toHaveLength(1);
    running.process.kill(signal);
    const ended = await running.ended;
    expect(ended.exit).toBe(exit);
    expect(ended.stderr.match(/worked 0.3 s/g)!.length - 1).toBeLessThanOrEqual(3); // since it was stopped
    expect(ended.stderr).toContain(`Stopped by ${signal}`);
    expect(ended.stderr).not.toMatch(/^ {4}at /m);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("ends quietly when the reader of its output goes, and leaves nothing", async () => {
    const running = trouble("flood", join(folder, "out.csv"));
    running.process.stdout?.once("data", () => running.process.stdout?.destroy());
    const { exit, stderr } = await running.ended;
    expect(stderr).toBe(
      "prorec: flooding ...\nprorec: Standard output was closed before everything was written.\n",
    );
    expect(exit).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("can be stopped while a reader keeps it waiting", async () => {
    const running = trouble("flood", join(folder, "out.csv"));
    running.process.stdout?.pause();
    await running.hasSaid("flooding ...");
    await pause(300); // for the pipe to fill
    running.process.kill("SIGTERM");
    running.process.once("exit", () => running.process.stdout?.resume());
    expect((await running.ended).exit).toBe(143);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("progress", () => {
  it("goes to standard error as plain lines, without colour", async () => {
    const running = trouble("busy", join(folder, "out.csv"));
    await running.hasSaid("working ...");
    running.process.kill("SIGTERM");
    const { stdout, stderr } = await running.ended;
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^(prorec: [\x20-\x7e]*\n)+$/);
  });

  it("is not shown with --quiet", async () => {
    const running = trouble("flood", join(folder, "out.csv"), "--quiet");
    running.process.stdout?.once("data", () => running.process.kill("SIGTERM"));
    const { stderr } = await running.ended;
    expect(stderr).toBe("prorec: Stopped by SIGTERM; no unfinished files are left.\n");
  });
});

describe("prorec metrics", () => {
  it("defines the metrics of the contract, as JSON too", async () => {
    const [text, json] = await Promise.all([prorec(["metrics"]), prorec(["metrics", "--json"])]);
    expect([text.exit, json.exit]).toEqual([0, 0]);
    const definitions: Record<string, string> = JSON.parse(json.stdout);
    for (const name of [
      "ndcg",
      "recall",
      "precision",
      "map",
      "hr",
      "paper.ndcg",
      "paper.map",
      "paper.recall",
    ]) {
      expect(text.stdout).toContain(`${name}@k\n  ${definitions[`${name}@k`]}\n`);
    }
  });
});
