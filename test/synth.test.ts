import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { parseDelimited, readTable } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const SIZES = ["--users", "200", "--items", "150", "--interactions", "4000", "--noise", ".2"];

async function synth(...args: string[]): Promise<string> {
  const { exit, stdout, stderr } = await prorec(["synth", ...SIZES, ...args], { cwd: folder.path });
  expect(exit, stderr).toBe(0);
  return stdout;
}

describe("prorec synth", () => {
  it("writes what was asked for: users, items, distinct pairs and known noise", async () => {
    const summary = JSON.parse(await synth("-o", "log.csv", "--truth", "truth.csv", "--json"));
    const pairs = (name: string) => parseDelimited(readFileSync(folder.file(name), "utf8")).slice(1);
    const log = pairs("log.csv");
    const keys = new Set(log.map(String));
    expect(keys.size).toBe(4000);
    expect([0, 1].map((side) => new Set(log.map((pair) => pair[side])).size)).toEqual([200, 150]);
    const noise = pairs("truth.csv");
    expect(noise).toHaveLength(800);
    expect(noise.filter((pair) => !keys.has(String(pair)))).toEqual([]);
    expect(summary).toMatchObject({
      users: 200,
      items: 150,
      interactions: 4000,
      noise: 800,
      noiseShare: 0.2,
    });
    for (const id of log.flat()) expect(id).toMatch(/^(u|item-)\d+$/);
  });

  it("gives the same bytes for the same seed, other ones for another", async () => {
    const first = await synth();
    expect(await synth("--seed", "1")).toBe(first);
    expect(await synth("--seed", "2")).not.toBe(first);
    expect(first.split("\n")).toHaveLength(4002);
  });

  it("writes every format", async () => {
    await synth("-o", "one.csv", "--quiet");
    const expected = await readTable(folder.file("one.csv"));
    for (const name of ["one.tsv.gz", "one.ndjson", "one.parquet"]) {
      await synth("-o", name, "--quiet");
      expect(await readTable(folder.file(name)), name).toEqual(expected);
    }
  });

  it("makes a log in which denoising finds noise better than chance", async () => {
    await synth("-o", "noisy.csv", "--truth", "noise.csv", "--quiet");
    const denoised = await prorec(["denoise", "noisy.csv", "--model", "svd", "--factors", "8"], {
      cwd: folder.path,
    });
    expect(denoised.exit).toBe(0);
    const noise = new Set(
      (await readTable(folder.file("noise.csv"))).map(({ user, item }) => `${user} ${item}`),
    );
    const [, ...rows] = parseDelimited(denoised.stdout);
    const matches = rows
      .map(([user, item, , , match]) => ({ planted: noise.has(`${user} ${item}`), match: Number(match) }))
      .sort((one, other) => one.match - other.match);
    let below = 0;
    let inOrder = 0;
    for (const { planted } of matches) {
      if (planted) below++;
      else inOrder += below;
    }
    expect(inOrder / (below * (matches.length - below))).toBeGreaterThan(0.6); // ROC-AUC
  });

  it("refuses an output in the place of the other, before any work", async () => {
    const args = ["synth", ...SIZES, "-o", "same.csv", "--truth", "./same.csv"];
    const { exit, stderr } = await prorec(args, { cwd: folder.path });
    expect(exit).toBe(3);
    expect(stderr).toBe(
      "prorec: The outputs same.csv and ./same.csv are the same file.\n  Give every output a name of its own.\n",
    );
  });

  it("has an example in --help", async () => {
    expect((await prorec(["synth", "--help"])).stdout).toContain(
      "Example:\n  prorec synth --users 2000 --noise .1 -o clicks.csv --truth truth.csv\n",
    );
  });
});
