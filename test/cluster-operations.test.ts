import { appendFileSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countsOf, digestOf, openSite, type Site, until } from "./cluster.ts";
import { prorec, type Running } from "./process.ts";
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

  describe.concurrent("keeps an interrupted run", { timeout: PATIENCE }, () => {
    const options = ["--model", "svd", "--factors", "30", "--gamma", ".2"];

    it(
      "that goes on after Ctrl-C: workers do what is queued, nothing is computed twice, the bytes are the same",
      on(async ({ worker, denoise, stored, redis, store }) => {
        const where = ["--cluster", redis.url, "--store", store];
        const whole = await prorec(["denoise", log, "--quiet", ...options, "-o", out("whole")]);
        expect(whole.exit).toBe(0);
        const run = denoise(log, out("resumed"), ...options);
        const id = await queued(run, redis.url);
        run.process.kill("SIGINT");
        const stopped = await run.ended;
        expect(stopped.exit).toBe(130);
        expect(stopped.stderr).toContain(`prorec runs resume ${id} --cluster ... --store ${store}`);
        expect(existsSync(out("resumed"))).toBe(false);

        await worker();
        await until(() => stored() > 0);
        const before = await settled(stored);
        const listed = await prorec(["runs", "list", "--json", ...where]);
        const { runs, interrupted } = JSON.parse(listed.stdout);
        expect(runs).toEqual([]);
        expect(interrupted).toMatchObject([{ id, folder: process.cwd(), log: [log] }]);
        expect((await prorec(["runs", "show", id, ...where])).stdout).toMatch(
          new RegExp(`^run ${id}: denoise .* goes on\\n1 worker of its build, 1 thread\\n$`),
        );

        const again = await prorec(["runs", "resume", id, ...where]);
        expect(again).toMatchObject({ exit: 0 });
        expect(digestOf(out("resumed"))).toBe(digestOf(out("whole")));
        const { computed, there } = countsOf(again);
        expect(there).toBe(before);
        expect(computed).toBe(stored() - before);
        const gone = await prorec(["runs", "resume", id, ...where]);
        expect(gone.exit).toBe(3);
        expect(gone.stderr).toContain(`has no unfinished run ${id}`);
      }),
    );

    it(
      "killed, shown while it is on, and refused while it is and where its log has changed",
      on(async ({ denoise, redis, store }) => {
        const where = ["--cluster", redis.url, "--store", store];
        const changing = out("changing");
        copyFileSync(log, changing);
        const run = denoise(changing, out("changed"), ...options);
        const id = await queued(run, redis.url);
        const shown = await prorec(["runs", "show", id, "--cluster", redis.url]);
        expect(shown.stdout).toMatch(
          / 0 of \d+\n0 blocks computed, 0 were there, [1-9]\d* waiting\n0 workers/,
        );
        const refused = await prorec(["runs", "resume", id, ...where]);
        expect(refused.exit).toBe(3);
        expect(refused.stderr).toContain(`Run ${id} is on: process ${run.process.pid} on`);
        run.process.kill("SIGKILL");
        await run.ended;
        appendFileSync(changing, "u,i\n");
        const changed = await prorec(["runs", "resume", id, "--json", ...where]);
        expect(changed.exit).toBe(3);
        const { code, message } = JSON.parse(changed.stderr.trim().split("\n").at(-1)!).error;
        expect({ code, message }).toMatchObject({
          code: "INPUT_CHANGED",
          message: expect.stringContaining(`The record of run ${id} holds other inputs: its log is "`),
        });
        expect(existsSync(out("changed"))).toBe(false);
      }),
    );
  });
});

/** The id of a run, once it says that blocks of it are queued. */
async function queued(run: Running, cluster: string): Promise<string> {
  await run.hasSaid("Estimated");
  const [, id] = /Run (\w+) at/.exec(run.said())!;
  await until(async () => {
    const { stdout } = await prorec(["runs", "show", id!, "--json", "--cluster", cluster]);
    return JSON.parse(stdout).run.blocks?.waiting > 0;
  });
  return id!;
}

/** The number once it has stayed the same for two seconds. */
async function settled(number: () => number): Promise<number> {
  for (let last = -1; ; await pause(2000)) {
    if (number() === last) return last;
    last = number();
  }
}
