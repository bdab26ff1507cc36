import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { amusic, ml100k } from "../shared.ts";

const folder = temporaryFolder();
const nodes = [process.execPath, process.env.PRORECTEST_NODE].filter((path) => path !== undefined);

/** Estimated bytes of a denoise over its peak, the middle of five: when the garbage collector comes is chance. */
async function estimateOfPeak(node: string, log: string, options: readonly string[]): Promise<number> {
  const command = ["denoise", log, "-o", folder.file("clean.csv"), "--json", "--quiet", ...options];
  const ratios: number[] = [];
  for (let run = 0; run < 5; run++) {
    const { stdout, stderr } = await prorec(command, { node });
    expect(stderr).toBe("");
    const { estimatedBytes, peakBytes } = JSON.parse(stdout).memory;
    ratios.push(estimatedBytes / peakBytes);
  }
  return ratios.sort((a, b) => a - b)[2]!;
}

describe.each([
  ["ML-100k", ml100k, []],
  ["ML-100k's ratings of 4 and 5", ml100k, ["--min-rating", "4"]],
  ["AMusic", amusic, []],
] as const)("what a denoise of %s is estimated to need", (_, log, options) => {
  it.skipIf(log.absent)(`is within a quarter of its peak${log.reason}`, async () => {
    for (const node of nodes) {
      const ratio = await estimateOfPeak(node, log.path, options);
      expect(ratio, node).toBeGreaterThan(0.75);
      expect(ratio, node).toBeLessThan(1.25);
    }
  });
});
