import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { folderWith } from "../refusals.ts";
import { amusic, ml100k } from "../shared.ts";

const cli = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const nodes = [process.execPath, process.env.PRORECTEST_NODE].filter((path) => path !== undefined);

/** Estimated bytes of a denoise over its peak, the middle of five: when the garbage collector comes is chance. */
function estimateOfPeak(node: string, log: string, options: readonly string[]): number {
  const ratios = Array.from({ length: 5 }, () => {
    const output = join(folderWith({}), "clean.csv");
    const command = [cli, "denoise", log, "-o", output, "--json", "--quiet", ...options];
    const { stdout, stderr } = spawnSync(node, command, { encoding: "utf8" });
    expect(stderr).toBe("");
    const { estimatedBytes, peakBytes } = JSON.parse(stdout).memory;
    return estimatedBytes / peakBytes;
  });
  return ratios.sort((a, b) => a - b)[2]!;
}

describe.each([
  ["ML-100k", ml100k, []],
  ["ML-100k's ratings of 4 and 5", ml100k, ["--min-rating", "4"]],
  ["AMusic", amusic, []],
] as const)("what a denoise of %s is estimated to need", (_, log, options) => {
  it.skipIf(log.absent)(`is within a quarter of its peak${log.reason}`, () => {
    for (const node of nodes) {
      const ratio = estimateOfPeak(node, log.path, options);
      expect(ratio, node).toBeGreaterThan(0.75);
      expect(ratio, node).toBeLessThan(1.25);
    }
  });
});
