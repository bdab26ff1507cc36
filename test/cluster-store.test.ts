import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openSite } from "./cluster.ts";
import { prorec, start } from "./process.ts";
import { hasRedis } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "prorec-stores-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(!hasRedis)(
  `a run whose workers have another store is refused; what a run has left is collected${hasRedis ? "" : " (skipped: no redis-server)"}`,
  async () => {
    mkdirSync(join(folder, "site"));
    mkdirSync(join(folder, "other"));
    const site = await openSite(join(folder, "site"));
    const log = join(folder, "log.csv");
    const size = ["--users", "100", "--items", "50", "--interactions", "1000"];
    await prorec(["synth", ...size, "--quiet", "-o", log]);
    const where = ["--cluster", site.redis.url, "--store", join(folder, "other"), "--threads", "1"];
    const foreign = start("dist/cli/main.js", ["worker", ...where]);
    try {
      await foreign.hasSaid("threads for blocks");
      const out = join(folder, "out.csv");
      const refused = await site.denoise(log, out, "--model", "svd", "--factors", "5").ended;
      expect(refused.exit).toBe(3);
      expect(refused.stderr).toContain("has another store than");
      expect(readdirSync(folder)).not.toContain("out.csv");

      foreign.process.kill("SIGTERM");
      await foreign.ended;
      expect(readdirSync(join(folder, "other/tokens"))).toEqual([]);
      await site.worker();
      expect(await site.denoise(log, out, "--model", "svd", "--factors", "5").ended).toMatchObject({
        exit: 0,
      });
    } finally {
      foreign.process.kill("SIGKILL");
      await site.close();
    }
  },
  120_000,
);
