import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();

describe("prorec reproduce", () => {
  it("names every log that is missing, and what gets them, before it computes anything", async () => {
    mkdirSync(folder.file("data/amusic"), { recursive: true });
    folder.file("data/amusic/ratings.tsv", "u1\ti1\n");
    const { exit, stderr } = await prorec(["reproduce", "all", "--json"], { cwd: folder.path });
    expect(exit).toBe(3);
    const { code, message, hint } = JSON.parse(stderr.trim().split("\n").at(-1)!).error;
    expect(code).toBe("UNREADABLE_FILE");
    expect(message).toContain("data lacks ml-100k/u.data, atoy/ratings.tsv, which");
    expect(hint).toContain("prorec datasets get");
  });

  it.each([
    [["reproduce", "tabel-2"], "Did you mean table-2?"],
    [["reproduce"], "target"],
    [["reproduce", "table-1", "--seeds", "0"], "at least 1"],
  ])("refuses %j", async (args, words) => {
    const { exit, stderr } = await prorec(args, { cwd: folder.path });
    expect(exit).toBe(2);
    expect(stderr).toContain(words);
  });
});
