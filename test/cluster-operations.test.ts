import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSite, type Site } from "./cluster.ts";
import { prorec } from "./process.ts";
import { hasRedis } from "./servers.ts";

/** For a machine with other work to do. */
const PATIENCE = 300_000;

describe.skipIf(!hasRedis)(`running a cluster${hasRedis ? "" : " (skipped: no redis-server)"}`, () => {
  let folder: string;
  let log: string;
  let sites = 0;

  /** A test at a site of its own. */
  const on = (work: (site: Site) => Promise<void>) => async () => {
    const site = await openSite(join(folder, `site-${sites++}`));
    await work(site).finally(site.close);
  };
  const out = (name: string) => join(folder, `${name}.csv`);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "prorec-operations-"));
    log = out("log");
    const size = ["--users", "1500", "--items", "600", "--interactions", "20000"];
    await prorec(["synth", ...size, "--quiet", "-o", log]);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe.concurrent("says before a run", { timeout: PATIENCE }, () => {
    it(
      "what it will take and who computes what, before anything is queued",
      on(async ({ denoise, stored }) => {
        const run = denoise(log, out("estimated"), "--factors", "30");
        await run.hasSaid("Estimated: ");
        expect(stored()).toBe(0);
        run.process.kill("SIGINT");
        const { stderr } = await run.ended;
        expect(stderr).toContain(
          "The cluster computes the fit of nce-plrec and the relaxed transport; this machine: reading, relabelling, writing.",
        );
        expect(stderr).toMatch(
          /Estimated: \d+ MB of memory here, \d+ MB for a worker of 1 thread; at most \d+ MB to the store, which each worker reads, and \d+ MB back from it\./,
        );
      }),
    );

    it(
      "what the cluster can't compute",
      on(async ({ denoise, worker }) => {
        await worker();
        const ended = await denoise(log, out("ease"), "--model", "ease").ended;
        expect(ended.exit).toBe(0);
        expect(ended.stderr).toContain(
          "The cluster computes nothing of this run; this machine: the fit of ease; the relaxed transport; reading, relabelling, writing.",
        );
        expect(ended.stderr).not.toContain("Estimated");
      }),
    );

    it(
      "that this machine can't hold it, with figures and exit 5",
      on(async ({ denoise, store }) => {
        const wide = out("wide");
        const rows = Array.from({ length: 100_000 }, (_, index) => `u${index},i${index}\n`);
        writeFileSync(wide, `user,item\n${rows.join("")}`);
        const ended = await denoise(wide, out("refused"), "--factors", "90000").ended;
        expect(ended.exit).toBe(5);
        expect(ended.stderr).toMatch(/Estimated: \d+\.\d GB of memory here, .* back from it/);
        expect(ended.stderr).toMatch(/This needs about [\d,]+ MB of memory and [\d,]+ MB are free/);
        expect(existsSync(join(store, "jobs"))).toBe(false);
      }),
    );
  });
});
