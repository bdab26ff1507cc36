import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { parseDelimited, readTable } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const run = (...args: string[]) => prorec(args, { cwd: folder.path });

describe("denoise --mode calibrated", () => {
  it("labels every row, the same bytes for any number of threads", async () => {
    const sizes = ["--users", "2600", "--items", "1500", "--interactions", "101000", "--noise", "0.1"];
    expect((await run("synth", ...sizes, "-o", "log.csv", "--truth", "truth.csv", "--quiet")).exit).toBe(0);
    const summaries = [];
    for (const threads of ["1", "2"]) {
      const outputs = ["-o", `out${threads}.csv`, "--flagged", `flagged${threads}.csv`, "--json"];
      const { exit, stdout, stderr } = await run(
        ...["denoise", "log.csv", "--mode", "calibrated", "--threads", threads, ...outputs],
      );
      expect(exit, stderr).toBe(0);
      summaries.push(JSON.parse(stdout));
    }
    const bytes = (name: string) => readFileSync(folder.file(name));
    expect(bytes("out1.csv").equals(bytes("out2.csv"))).toBe(true);
    expect(bytes("flagged1.csv").equals(bytes("flagged2.csv"))).toBe(true);
    const [summary] = summaries;
    expect(summary).toMatchObject({ mode: "calibrated", ran: "calibrated", fdr: 0.2, interactions: 101_000 });
    expect(summary.rate.estimate).toBeGreaterThan(0.05);
    expect(summary.rate.estimate).toBeLessThan(0.15);
    const [header, ...rows] = parseDelimited(readFileSync(folder.file("out1.csv"), "utf8"), ",");
    const at = (name: string) => header!.indexOf(name);
    const below = rows.filter((row) => Number(row[at("match")]) < Number(row[at("threshold")]));
    const flagged = below.length;
    expect(below.every((row) => row[at("noise")] === "1")).toBe(true);
    expect(rows.filter((row) => row[at("noise")] === "1")).toHaveLength(flagged);
    expect(flagged).toBe(summary.flagged);
    expect(await readTable(folder.file("flagged1.csv"))).toHaveLength(flagged);
  }, 240_000);

  it("refuses what only paper mode has, and a log too small to judge", async () => {
    const { exit, stderr } = await run("denoise", "log.csv", "--mode", "calibrated", "--gamma", "0.2");
    expect(exit).toBe(2);
    expect(stderr).toContain("--gamma");
    expect((await run("denoise", "log.csv", "--mode", "auto", "--fdr", "1")).exit).toBe(2);
    const paper = await run("denoise", "log.csv", "--fdr", ".1");
    expect(paper.exit).toBe(2);
    expect(paper.stderr).toContain("--fdr belongs to --mode calibrated");
    const small = folder.file("small.csv", "a,1\nb,2\n");
    expect((await run("denoise", small, "--mode", "calibrated")).exit).toBe(3);
  });
});
