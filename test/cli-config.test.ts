import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const rows = Array.from({ length: 60 }, (_, row) => `u${row % 10},i${(row * 7) % 13}\n`);
folder.file("clicks.csv", `user,item\n${rows.join("")}`);
folder.file(
  "prorec.config.json",
  JSON.stringify({
    denoise: { model: "ease", gamma: 0.5, beta: 7, mass: 0.5 },
    "noise inject": { output: "noisy.csv", truth: "truth.csv" },
    evaluate: { controls: false, ratio: "6:2:2" },
  }),
);
folder.file("other.json", '{"denoise":{"gamma":0.7}}');
const run = (...args: string[]) => prorec(args, { cwd: folder.path });

it("prorec.config.json holds, the command line wins, and --print-config says so instead of running", async () => {
  const { exit, stdout, stderr } = await run(
    "denoise",
    "--beta",
    "9",
    "--columns",
    "user=1",
    "--print-config",
  );
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(/^prorec denoise\n/);
  expect(stdout).toMatch(/^ {2}gamma +0.5 +prorec.config.json$/m);
  expect(stdout).toMatch(/^ {2}beta +9 +command line$/m);
  expect(stdout).toMatch(/^ {2}columns +user=1 +command line$/m);
  expect(stdout).toMatch(/^ {2}lambda +0.5 +default$/m);
  expect(stdout).toMatch(/^ {2}output +not given$/m);
});

it("may hold what a command requires", async () => {
  const injected = await run("noise", "inject", "clicks.csv", "--quiet");
  expect(injected).toEqual({ exit: 0, stdout: "", stderr: "" });
  expect(readdirSync(folder.path)).toEqual(expect.arrayContaining(["noisy.csv", "truth.csv"]));
});

it("counts as given where options are at odds; --no-config and --config FILE replace it", async () => {
  const atOdds = await run("denoise", "clicks.csv");
  expect(atOdds).toMatchObject({ exit: 2, stdout: "" });
  expect(atOdds.stderr).toContain("--mass belongs to --transport fixed-mass");
  const other = await run("denoise", "clicks.csv", "--config", "other.json", "--json", "-o", "a.csv");
  expect(JSON.parse(other.stdout)).toMatchObject({ model: "nce-plrec", gamma: 0.7 });
  const none = await run("denoise", "--no-config", "--print-config", "--json");
  expect(JSON.parse(none.stdout)).toMatchObject({
    ...{ command: "denoise", config: null },
    options: { gamma: { value: 0.1, from: "default" } },
  });
  const options = JSON.parse((await run("evaluate", "--print-config", "--json")).stdout).options;
  expect(options).toMatchObject({ controls: { value: false }, ratio: { value: "6:2:2" } });
});

it("that is wrong is named, but not by --help", async () => {
  folder.file("wrong.json", '{"denoise":{"gama":1}}');
  const wrong = await run("denoise", "clicks.csv", "--config", "wrong.json");
  expect(wrong).toEqual({
    exit: 2,
    stdout: "",
    stderr: 'prorec: wrong.json: "denoise" has no option "gama".\n  Did you mean gamma?\n',
  });
  expect((await run("denoise", "--config", "wrong.json", "--help")).exit).toBe(0);
});
