import { appendFileSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { countsOf, digestAlone, digestOf, queuedId, sitesIn, until } from "./cluster.ts";
import { temporaryFolder } from "./files.ts";
import { prorec, start } from "./process.ts";
import { hasRedis, noRedis } from "./servers.ts";

const folder = temporaryFolder();
const on = sitesIn(folder.path);
const out = (name: string) => folder.file(`${name}.csv`);
const log = out("log");
/** For a machine with other work to do. */
const PATIENCE = 300_000;
/** A line of Prometheus's text format. */
const METRIC =
  /^(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge)|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? \d+(\.\d+)?(e-?\d+)?)$/;

describe.skipIf(!hasRedis)(`running a cluster${noRedis}`, () => {
  beforeAll(async () => {
    const size = ["--users", "1500", "--items", "600", "--interactions", "20000"];
    await prorec(["synth", ...size, "--quiet", "-o", log]);
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

  it(
    "tells of a worker's blocks in lines of JSON and in metrics, without a password",
    { timeout: PATIENCE },
    on(async ({ redis, store, stored, results }) => {
      redis.command("config", "set", "requirepass", "hunter2");
      const login = redis.url.replace("//", "//:hunter2@");
      const where = ["--cluster", login, "--store", store];
      const worker = start("dist/cli/main.js", ["worker", ...where, "--threads", "1", "--log-json"]);
      await worker.hasSaid("threads for blocks");
      const ended = await prorec(["denoise", log, "-o", out("told"), ...where, "--factors", "30"]);
      expect(ended).toMatchObject({ exit: 0 });
      const metrics = () => prorec(["runs", "metrics", "--cluster", login]);
      await until(async () => (await metrics()).stdout.includes(`end="computed"} ${stored()}\n`));
      const { stdout } = await metrics();
      const foreign = stdout.split("\n").filter((line) => !METRIC.test(line));
      expect(foreign).toEqual([""]);
      expect(stdout).toContain("prorec_workers 1\n");
      expect(stdout).toMatch(/prorec_worker_threads\{worker="\w+",host="[^"]+"\} 1\n/);
      const [, written] = /prorec_worker_store_bytes_total\{.*direction="written"\} (\d+)/.exec(stdout)!;

      const blocks = stored();
      const [taken] = results();
      rmSync(taken!);
      mkdirSync(join(taken!, "in the way"), { recursive: true });
      const failed = await prorec(["denoise", log, "-o", out("failed"), ...where, "--factors", "30"]);
      expect(failed.exit).toBe(3);
      worker.process.kill("SIGTERM");
      const { exit, stdout: told, stderr } = await worker.ended;
      expect(exit).toBe(143);
      const events = told
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      const of = (event: string) => events.filter((each) => each.event === event);
      expect(of("started")).toMatchObject([
        { level: "info", threads: 1, store, cluster: redis.url.replace("//", "//***@") },
      ]);
      expect(of("taken")).toHaveLength(blocks + 5);
      expect(of("done")).toHaveLength(blocks);
      expect(of("failed")).toHaveLength(5);
      expect(of("failed")[0]).toMatchObject({ level: "error", code: "UNWRITABLE_FILE" });
      for (const { task, job, ms, bytes, there } of of("done")) {
        expect({ task, job, there }).toEqual({
          task: expect.stringMatching(/Block$/),
          job: expect.stringMatching(/^[0-9a-f]{64}$/),
          there: false,
        });
        expect(ms).toBeGreaterThan(0);
        expect(bytes).toBeGreaterThan(32);
      }
      const sum = of("done").reduce((bytes, each) => bytes + each.bytes, 0);
      expect(Number(written)).toBeGreaterThanOrEqual(sum);
      expect(of("stopped")).toMatchObject([{ computed: blocks, failed: 5 }]);
      for (const text of [told, stderr, stdout, ended.stderr]) expect(text).not.toContain("hunter2");
    }),
  );

  describe.concurrent("keeps an interrupted run", { timeout: PATIENCE }, () => {
    const options = ["--model", "svd", "--factors", "30", "--gamma", ".2"];

    it(
      "that goes on after Ctrl-C: workers do what is queued, nothing is computed twice, the bytes are the same",
      on(async ({ worker, denoise, runs, stored, redis, store }) => {
        const where = ["--cluster", redis.url, "--store", store];
        const whole = await digestAlone(log, out("whole"), options);
        const run = denoise(log, out("resumed"), ...options);
        const id = await queuedId(run, { runs });
        run.process.kill("SIGINT");
        const stopped = await run.ended;
        expect(stopped.exit).toBe(130);
        expect(stopped.stderr).toContain(`prorec runs resume ${id} --cluster ... --store ${store}`);
        expect(existsSync(out("resumed"))).toBe(false);

        await worker();
        await until(() => stored() > 0);
        const before = await settled(stored);
        const listed = await prorec(["runs", "list", "--json", ...where]);
        const about = { id, state: "interrupted", resumable: true };
        expect(JSON.parse(listed.stdout).runs).toMatchObject([
          { ...about, folder: process.cwd(), log: [log] },
        ]);
        expect((await prorec(["runs", "show", id, ...where])).stdout).toMatch(
          new RegExp(
            `^run ${id}: interrupted; denoise .*; begun on .*\\nin .*\\nruns resume ${id} goes on\\n$`,
          ),
        );

        const again = await prorec(["runs", "resume", id, ...where]);
        expect(again).toMatchObject({ exit: 0 });
        expect(digestOf(out("resumed"))).toBe(whole);
        const { computed, there } = countsOf(again);
        expect(there).toBe(before);
        expect(computed).toBe(stored() - before);
        const gone = await prorec(["runs", "resume", id, ...where]);
        expect(gone.exit).toBe(3);
        expect(gone.stderr).toContain(`has no unfinished run ${id}`);
        const done = (await prorec(["runs", "show", id, ...where])).stdout;
        expect(done).toMatch(new RegExp(`^run ${id}: done 20`));
        expect(done).toContain(`${computed} blocks computed, ${there} were there, 0 waiting\n`);
      }),
    );

    it(
      "killed, shown while it is on, and refused while it is and where its log has changed",
      on(async ({ denoise, runs, redis, store }) => {
        const where = ["--cluster", redis.url, "--store", store];
        const changing = out("changing");
        copyFileSync(log, changing);
        const run = denoise(changing, out("changed"), ...options);
        const id = await queuedId(run, { runs });
        const shown = await prorec(["runs", "show", id, "--cluster", redis.url]);
        expect(shown.stdout).toMatch(new RegExp(`^run ${id}: queued; process ${run.process.pid} on `));
        expect(shown.stdout).toMatch(
          / 0 of \d+ blocks\n0 blocks computed, 0 were there, [1-9]\d* waiting\n0 workers/,
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

/** The number once it has stayed the same for two seconds. */
async function settled(number: () => number): Promise<number> {
  for (let last = -1; ; await pause(2000)) {
    if (number() === last) return last;
    last = number();
  }
}
