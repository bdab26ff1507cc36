import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../files.ts";
import { parseDelimited, readTable } from "../logs.ts";
import { prorec } from "../process.ts";
import { amusic, atoy, ml100k } from "../shared.ts";

const folder = temporaryFolder();

describe("real logs are denoised as they are", () => {
  const positives = ["--min-rating", "4"];
  for (const { name, file, options, ...expected } of [
    { name: "MovieLens u.data", file: ml100k, options: [], users: 943, items: 1682, interactions: 100_000 },
    {
      name: "its positives",
      file: ml100k,
      options: positives,
      users: 942,
      items: 1447,
      interactions: 55_375,
    },
    { name: "AMusic", file: amusic, options: [], users: 1776, items: 12_929, interactions: 46_087 },
    { name: "AToy", file: atoy, options: [], users: 3137, items: 33_953, interactions: 84_642 },
  ]) {
    it.skipIf(file.absent)(name + file.reason, async () => {
      const outputs = ["-o", "out.tsv", "--flagged", "flagged.ndjson", "--json"];
      const { exit, stdout, stderr } = await prorec(["denoise", file.path, ...options, ...outputs], {
        cwd: folder.path,
      });
      expect(exit, stderr).toBe(0);
      const input = parseDelimited(readFileSync(file.path, "utf8").replaceAll("\r\n", "\n"), "\t");
      const width = input[0]!.length;
      const summary = JSON.parse(stdout);
      expect(summary).toMatchObject({
        ...expected,
        report: { rows: input.length, duplicates: 0, ...expected },
      });
      const [header, ...rows] = parseDelimited(readFileSync(folder.file("out.tsv"), "utf8"), "\t");
      expect(header).toEqual([
        ...["user", "item", "rating", "timestamp"].slice(0, width),
        ...["weight", "relevance", "match", "threshold", "rank", "noise"],
      ]);
      expect(rows.map((row) => row.slice(0, width))).toEqual(input);
      expect(rows.filter((row) => row[width] !== "")).toHaveLength(expected.interactions);
      expect(rows.filter((row) => row.at(-1) === "1")).toHaveLength(summary.flagged);
      expect(await readTable(folder.file("flagged.ndjson"))).toHaveLength(summary.flagged);
    });
  }
});
