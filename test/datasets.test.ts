import { mkdirSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const run = (...args: string[]) =>
  prorec(["datasets", ...args], { cwd: folder.path, environment: { XDG_CACHE_HOME: folder.path } });

it("prorec datasets list tells every data set's licence, address and checksum", async () => {
  const { exit, stdout } = await run("list");
  expect(exit).toBe(0);
  expect(stdout).toMatch(
    /^ml-100k: .*\n.*\n {2}Licence: .*README.txt\n {2}https:.*ml-100k.zip.*\n {2}sha256: 50d2/,
  );
  expect(stdout).toMatch(/^amazon-music: .*\n {2}Not the paper's AMusic/m);
});

it("prorec datasets get asks for consent, and only a terminal can give it without --yes", async () => {
  const { exit, stdout, stderr } = await run("get", "ml-100k");
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  expect(stderr).toMatch(/terms of its own: https:\/\/files.grouplens.org\S+README.txt Give --yes/);
});

it("prorec datasets get knows a near miss, and doesn't trust the cache", async () => {
  const miss = await run("get", "ml100k");
  expect(miss).toMatchObject({ exit: 2, stdout: "" });
  expect(miss.stderr).toContain("Did you mean ml-100k?");
  mkdirSync(`${folder.path}/prorec`);
  folder.file("prorec/ml-100k.zip", "not it");
  const { exit, stderr } = await run("get", "ml-100k", "--yes", "-o", "data");
  expect(exit).toBe(3);
  expect(stderr).toMatch(
    /ml-100k.zip is not the file that was expected: its sha256 is [0-9a-f]{64}, not 50d2/,
  );
});
