import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { openClusterCrew } from "../dist/cluster/crew.js";
import { columnTask, transportJob } from "../dist/transport/block-work.js";
import { countsOf, digestAlone, digestOf, sitesIn, until } from "./cluster.ts";
import { temporaryFolder } from "./files.ts";
import { prorec, ROOT } from "./process.ts";
import { hasRedis, noRedis } from "./servers.ts";

const folder = temporaryFolder();
const on = sitesIn(folder.path);
const out = (name: string) => folder.file(`${name}.csv`);
const log = out("log");
/** For a machine with other work to do. */
const PATIENCE = 300_000;

describe.skipIf(!hasRedis)(`a cluster${noRedis}`, () => {
  /** In this process, by model. */
  const expected = new Map<string, string>();

  const options = (model: string) => ["--model", model, "--factors", "30"];

  beforeAll(async () => {
    const size = ["--users", "1500", "--items", "600", "--interactions", "20000"];
    await prorec(["synth", ...size, "--quiet", "-o", log]);
    await Promise.all(
      ["svd", "nce-plrec", "wrmf"].map(async (model) => {
        expected.set(model, await digestAlone(log, out(model), options(model)));
      }),
    );
  });

  describe.concurrent("gives the bytes of one process", { timeout: PATIENCE }, () => {
    it.each(["svd", "nce-plrec", "wrmf"])("%s, and computes each block once", (model) =>
      on(async ({ worker, denoise, stored }) => {
        await Promise.all([worker(), worker()]);
        const first = await denoise(log, out(`first-${model}`), ...options(model)).ended;
        expect(first).toMatchObject({ exit: 0 });
        expect(digestOf(out(`first-${model}`))).toBe(expected.get(model));
        expect(countsOf(first)).toEqual({ computed: stored(), there: 0 });
        const again = await denoise(log, out(`again-${model}`), ...options(model)).ended;
        expect(countsOf(again)).toEqual({ computed: 0, there: stored() });
        expect(digestOf(out(`again-${model}`))).toBe(expected.get(model));
      })(),
    );

    it(
      "when a worker is killed",
      on(async ({ worker, denoise, stored }) => {
        const [killed] = await Promise.all([worker(), worker()]);
        const run = denoise(log, out("killed"), ...options("svd"));
        await until(() => stored() > 8);
        killed!.process.kill("SIGKILL");
        expect(await run.ended).toMatchObject({ exit: 0 });
        expect(digestOf(out("killed"))).toBe(expected.get("svd"));
      }),
    );

    it(
      "when a worker sleeps for longer than blocks are its own, and wakes up",
      on(async ({ worker, denoise, stored }) => {
        const [sleeper] = await Promise.all([worker(), worker()]);
        const run = denoise(log, out("slept"), ...options("svd"));
        await until(() => stored() > 8);
        sleeper!.process.kill("SIGSTOP");
        await pause(10_000);
        sleeper!.process.kill("SIGCONT");
        expect(await run.ended).toMatchObject({ exit: 0 });
        expect(digestOf(out("slept"))).toBe(expected.get("svd"));
      }),
    );

    it(
      "when all workers are killed and another one comes",
      on(async ({ worker, denoise, stored }) => {
        const workers = await Promise.all([worker(), worker()]);
        const run = denoise(log, out("all-killed"), ...options("svd"));
        await until(() => stored() > 8);
        for (const { process } of workers) process.kill("SIGKILL");
        await worker();
        expect(await run.ended).toMatchObject({ exit: 0 });
        expect(digestOf(out("all-killed"))).toBe(expected.get("svd"));
      }),
    );

    it(
      "when the run is killed and started again: no block twice",
      on(async ({ worker, denoise, stored }) => {
        await worker();
        const run = denoise(log, out("resumed"), ...options("svd"));
        await until(() => stored() > 8);
        run.process.kill("SIGKILL");
        await run.ended;
        const before = stored();
        const again = await denoise(log, out("resumed"), ...options("svd")).ended;
        expect(digestOf(out("resumed"))).toBe(expected.get("svd"));
        const { computed, there } = countsOf(again);
        expect(computed + there).toBe(stored());
        expect(there).toBeGreaterThanOrEqual(before);
      }),
    );

    it(
      "when Redis is killed and is back after five seconds",
      on(async ({ worker, denoise, stored, redis }) => {
        await Promise.all([worker(), worker()]);
        const run = denoise(log, out("redis"), ...options("svd"));
        await until(() => stored() > 8);
        await redis.kill();
        await pause(5000);
        await redis.start();
        expect(await run.ended).toMatchObject({ exit: 0 });
        expect(digestOf(out("redis"))).toBe(expected.get("svd"));
      }),
    );

    it(
      "when the queue is wiped",
      on(async ({ worker, denoise, stored, redis }) => {
        await worker();
        const run = denoise(log, out("wiped"), ...options("svd"));
        await until(() => stored() > 8);
        redis.command("flushall");
        expect(await run.ended).toMatchObject({ exit: 0 });
        expect(digestOf(out("wiped"))).toBe(expected.get("svd"));
      }),
    );

    it(
      "when results in the store are damaged, cut, swapped or gone: each is computed again",
      on(async ({ worker, denoise, results }) => {
        await worker();
        await denoise(log, out("whole"), ...options("svd")).ended;
        const [damaged, cut, swapped, gone, other] = results();
        const bytes = readFileSync(damaged!);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(damaged!, bytes);
        writeFileSync(cut!, readFileSync(cut!).subarray(0, 50));
        writeFileSync(swapped!, readFileSync(other!));
        rmSync(gone!);
        const again = await denoise(log, out("healed"), ...options("svd")).ended;
        expect(digestOf(out("healed"))).toBe(expected.get("svd"));
        expect(countsOf(again).computed).toBe(4);
        expect(again.stderr.match(/is damaged in the store .*: it is computed again/g)).toHaveLength(3);
      }),
    );

    it(
      "when the run hears of no end of a block: it looks",
      on(async ({ worker, redis, store }) => {
        await worker();
        redis.command("acl", "setuser", "default", "-xread");
        const crew = await openClusterCrew({ cluster: redis.url, store, threads: 1, note: () => {} });
        const scores = {
          ...{ kind: "factors" as const, users: 2000, items: 3, rank: 1 },
          ...{ userFactors: new Float32Array(2000).fill(1), itemFactors: Float32Array.of(1, 2, 3) },
        };
        await crew.run(columnTask, transportJob("simd128", scores, 0.1), 2, { stage: "columns" });
        expect(crew.news().blocks).toEqual({ computed: 2, there: 0, waiting: 0 });
        await crew.close();
      }),
    );

    it(
      "for two runs at once",
      on(async ({ worker, denoise }) => {
        await worker();
        const runs = ["svd", "wrmf", "svd"].map((model, index) =>
          denoise(log, out(`beside-${index}`), ...options(model)),
        );
        for (const { exit } of await Promise.all(runs.map(({ ended }) => ended))) expect(exit).toBe(0);
        expect(digestOf(out("beside-0"))).toBe(expected.get("svd"));
        expect(digestOf(out("beside-1"))).toBe(expected.get("wrmf"));
        expect(digestOf(out("beside-2"))).toBe(expected.get("svd"));
      }),
    );
  });

  describe.concurrent("says what is wrong and writes nothing", { timeout: PATIENCE }, () => {
    it(
      "where a block fails each time: which and why",
      on(async ({ worker, redis, store }) => {
        await worker();
        const crew = await openClusterCrew({ cluster: redis.url, store, threads: 1, note: () => {} });
        const scores = {
          ...{ kind: "factors" as const, users: 2000, items: 3, rank: 1 },
          userFactors: new Float32Array(2000).fill(1, 0, 1500).fill(Number.NaN, 1500),
          itemFactors: Float32Array.of(1, 2, 3),
        };
        const job = transportJob("simd128", scores, 0.1);
        await expect(crew.run(columnTask, job, 2, { stage: "columns" })).rejects.toThrow(
          /^Block 1 of columnBlock failed on the cluster: .*finite/,
        );
        await crew.close();
      }),
    );

    it(
      "where runs cancel ends it; runs list shows it before",
      on(async ({ redis, denoise, worker }) => {
        const run = denoise(log, out("cancelled"), ...options("svd"));
        await run.hasSaid("No worker is at redis://127.0.0.1");
        const list = await prorec(["runs", "list", "--json", "--cluster", redis.url]);
        const { runs, workers } = JSON.parse(list.stdout);
        expect(workers).toEqual([]);
        expect(runs).toMatchObject([{ process: run.process.pid }]);
        const cancel = (id: string) => prorec(["runs", "cancel", id, "--cluster", redis.url]);
        expect(await cancel("nobody")).toMatchObject({ exit: 3 });
        expect(await cancel(runs[0].id)).toMatchObject({ exit: 0 });
        expect((await run.ended).exit).toBe(130);
        expect(existsSync(out("cancelled"))).toBe(false);
        await worker();
        const after = await prorec(["runs", "list", "--cluster", redis.url]);
        expect(after.stdout).toMatch(/^worker \w+: process \d+ on .*\n$/);
      }),
    );

    it(
      "where a result can't be written",
      on(async ({ worker, denoise, results }) => {
        await worker();
        await denoise(log, out("writable"), ...options("svd")).ended;
        const [taken] = results();
        rmSync(taken!);
        mkdirSync(join(taken!, "in the way"), { recursive: true });
        const failed = await denoise(log, out("unwritable"), ...options("svd")).ended;
        expect(failed.exit).toBe(3);
        expect(failed.stderr).toMatch(/Block \d+ of \w+ failed on the cluster: .*block-\d+/);
        expect(existsSync(out("unwritable"))).toBe(false);
      }),
    );

    it(
      "where the only worker is of another version",
      on(async ({ worker, denoise }) => {
        const other = join(folder.path, "other");
        mkdirSync(other);
        cpSync(join(ROOT, "dist"), join(other, "dist"), { recursive: true });
        symlinkSync(join(ROOT, "node_modules"), join(other, "node_modules"));
        const about = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
        writeFileSync(join(other, "package.json"), JSON.stringify({ ...about, version: "99.0.0" }));
        await worker(relative(ROOT, join(other, "dist/cli/main.js")));
        const failed = await denoise(log, out("foreign"), ...options("svd")).ended;
        expect(failed.exit).toBe(3);
        expect(failed.stderr).toMatch(/ProRec 99\.0\.0, engine .* this is ProRec/s);
        expect(existsSync(out("foreign"))).toBe(false);
      }),
    );

    it(
      "where Redis may throw away what is queued",
      on(async ({ denoise }) => {
        const failed = await denoise(log, out("lru")).ended;
        expect(failed.exit).toBe(3);
        expect(failed.stderr).toContain("maxmemory-policy is allkeys-lru");
      }, "allkeys-lru"),
    );

    it("where nothing answers, without the password", async () => {
      const url = "redis://someone:secret@127.0.0.1:1/0";
      const failed = await prorec([
        "denoise",
        log,
        "-o",
        out("no"),
        "--cluster",
        url,
        "--store",
        folder.path,
      ]);
      expect(failed.exit).toBe(3);
      expect(failed.stderr).toContain("Can't use the cluster at redis://***@127.0.0.1:1/0");
      expect(failed.stderr).not.toContain("secret");
    });
  });
});
