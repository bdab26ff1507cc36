import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { estimateCluster } from "../src/cluster/estimate.ts";
import { openSite } from "./cluster.ts";
import { prorec, ROOT } from "./process.ts";
import { hasRedis } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "prorec-estimate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(!hasRedis)(
  `what a run moves is near the estimate${hasRedis ? "" : " (skipped: no redis-server)"}`,
  async () => {
    const shape = { users: 4000, items: 3000, interactions: 120_000 };
    const log = join(folder, "log.csv");
    const size = Object.entries(shape).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    expect(await prorec(["synth", ...size, "--quiet", "-o", log])).toMatchObject({ exit: 0 });
    mkdirSync(join(folder, "site"));
    const site = await openSite(join(folder, "site"));
    try {
      await site.worker();
      const out = join(folder, "out.csv");
      expect(await site.denoise(log, out, "--factors", "40", "--exact-columns").ended).toMatchObject({
        exit: 0,
      });
      const bytes = (files: readonly string[]) => files.reduce((sum, file) => sum + statSync(file).size, 0);
      const arrays = readdirSync(join(site.store, "arrays")).map((name) => join(site.store, "arrays", name));
      const { inputs, results } = estimateCluster({ ...shape, factors: 40, threads: 1, nearShare: 1 });
      for (const [measured, estimated] of [
        [bytes(arrays), inputs],
        [bytes(site.results()), results],
      ] as const) {
        expect(measured / estimated).toBeGreaterThan(0.9);
        expect(measured / estimated).toBeLessThan(1.1);
      }
    } finally {
      await site.close();
    }
  },
  300_000,
);

it("the page of arithmetic has what its script prints", () => {
  const { stdout } = spawnSync(process.execPath, [`${ROOT}experiments/cluster-arithmetic.mjs`], {
    encoding: "utf8",
  });
  expect(stdout.length).toBeGreaterThan(500);
  expect(readFileSync(`${ROOT}docs/cluster-arithmetic.md`, "utf8")).toContain(stdout.trim());
});
