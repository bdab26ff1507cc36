import { describe, expect, it } from "vitest";
import { prorec } from "../process.ts";
import { ml100k } from "../shared.ts";

describe("diagnose", () => {
  it.skipIf(ml100k.absent)(
    `finds no accidental-click noise in MovieLens 100K${ml100k.reason}`,
    async () => {
      const args = ["diagnose", ml100k.path, "--min-rating", "4", "--json", "--quiet"];
      const { exit, stdout, stderr } = await prorec(args);
      expect(exit, stderr).toBe(0);
      const result = JSON.parse(stdout);
      expect(result.denoising).toEqual({ verdict: "no accidental-click noise" });
      expect(result.accidents.estimate).toBeLessThan(0.03);
      expect(result.bases[0].ndcg).toBeGreaterThan(0.3);
      expect(result.bursts.found).toBe(0);
      expect(result.next.commandLine).toContain("--min-rating 4");
    },
    240_000,
  );
});
