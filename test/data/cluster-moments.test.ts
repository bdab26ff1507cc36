import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { placesIn } from "../../src/cluster/shipment.ts";
import { crowdAt, digestAlone, digestOf, openSite, type Site, until } from "../cluster.ts";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { hasRedis, noRedis } from "../servers.ts";
import { watchStore } from "../whole.ts";

const folder = temporaryFolder();
const log = folder.file("log.csv");
const OPTIONS = ["--model", "svd", "--factors", "30"];
/** Blocks of some tens of milliseconds. */
const SLOW = ["--model", "wrmf", "--factors", "120", "--iterations", "1"];
/** Of what one process writes. */
let expected: string;
let expectedSlow: string;
/** The job of the rows, and an array that it reads: the same in every store, being named by what they are. */
let rows: string;
let array: string;

const canTrace = spawnSync("strace", ["-D", "-o", "/dev/null", "true"]).status === 0;
const skipped = canTrace ? noRedis : " (skipped: can't strace here)";

beforeAll(async () => {
  const size = ["--users", "1500", "--items", "600", "--interactions", "20000"];
  await prorec(["synth", ...size, "--quiet", "-o", log]);
  expected = await digestAlone(log, folder.file("one.csv"), OPTIONS);
  expectedSlow = await digestAlone(log, folder.file("one-slow.csv"), SLOW);
});

/** A site with a watch over its store, and a folder for the output. */
async function open(name: string) {
  const site = await openSite(folder.file(name));
  const out = folder.file(`${name} out/clean.csv`);
  mkdirSync(dirname(out));
  const watch = watchStore(site.store);
  return {
    ...{ site, out, watch },
    async close() {
      watch.stop();
      await site.close();
    },
  };
}

describe.skipIf(!hasRedis || !canTrace)(`kill -9 at a moment of the kernel's choosing${skipped}`, () => {
  beforeAll(async () => {
    const { site, out, close } = await open("whole");
    try {
      await site.worker();
      expect(await site.denoise(log, out, ...OPTIONS).ended).toMatchObject({ exit: 0 });
      const jobs = join(site.store, "jobs");
      const document = (job: string) => readFileSync(join(jobs, job, "job.json"), "utf8");
      rows = readdirSync(jobs).find((job) => JSON.parse(document(job)).task === "rowBlock")!;
      array = placesIn(document(rows)).find(({ pieces }) => pieces.length > 0)!.pieces[0]!;
    } finally {
      await close();
    }
  });

  /** The program, killed where one of its threads is about to make a system call, on a path or for the n-th time. */
  const killed = (site: Site, name: string, call: string, where: string | number) => {
    const traced = folder.file(`${name}.strace`);
    const path = typeof where === "string" ? ["-P", where] : [];
    const inject = `inject=${call}:signal=SIGKILL${typeof where === "string" ? "" : `:when=${where}`}`;
    const under = ["strace", "-D", "-f", "-y", "-o", traced, ...path, "-e", `trace=${call}`, "-e", inject];
    const oneThread = { UV_THREADPOOL_SIZE: "1" }; // for files: strace counts each thread's calls
    return {
      crowd: crowdAt(site.redis.url, site.store, oneThread, under),
      /** The calls, the one that it died of with `= ?`. */
      said: () => readFileSync(traced, "utf8"),
    };
  };

  describe.concurrent("a worker's", () => {
    it.for<[name: string, call: string, where: () => string | number, there: boolean]>([
      ["while it reads its inputs", "/^p?read(64)?$", () => `arrays/${array}`, false],
      ["with its result computed, before it is written", "/^mkdir", () => `jobs/${rows}`, false],
      ["with its result written, before that has its name", "/^rename", () => 4, false], // the first is its token
      ["after its result has its name, before the queue hears of it", "openat", () => `jobs/${rows}`, true],
    ])("%s: another worker goes on", async ([name, call, where, there], { onTestFinished }) => {
      const { site, out, watch, close } = await open(name);
      onTestFinished(close);
      const place = where();
      const { crowd, said } = killed(
        site,
        name,
        call,
        typeof place === "number" ? place : join(site.store, place),
      );
      onTestFinished(crowd.scatter);
      const victim = await crowd.worker();
      const run = site.denoise(log, out, ...OPTIONS);
      expect((await victim.ended).exit).toBe(null);
      expect(victim.process.signalCode).toBe("SIGKILL");
      expect(said()).toMatch(/ = \?.*killed by SIGKILL/s);
      if (typeof place === "string") expect(said()).toContain(place);
      else expect(said().match(/rename\w*\([^\n]*\/block-\d+"/g)).toHaveLength(place - 1);
      if (typeof place === "number") expect(site.stored()).toBe(place - 2);
      else expect(site.results().some((file) => file.includes(rows))).toBe(there);
      expect(existsSync(out)).toBe(false);
      await site.worker();
      expect(await run.ended).toMatchObject({ exit: 0 });
      expect(digestOf(out)).toBe(expected);
      expect(watch.halves()).toEqual([]);
    });
  });

  describe.concurrent("the run's", () => {
    it("while it merges results: the same command ends it", async ({ onTestFinished }) => {
      const { site, out, watch, close } = await open("merging");
      onTestFinished(close);
      await site.worker();
      const path = join(site.store, "jobs", rows, "block-3");
      const { crowd, said } = killed(site, "merging", "openat", path);
      onTestFinished(crowd.scatter);
      const run = crowd.denoise(log, out, ...OPTIONS);
      expect((await run.ended).exit).toBe(null);
      expect(run.process.signalCode).toBe("SIGKILL");
      expect(said()).toMatch(/ = \?.*killed by SIGKILL/s);
      expect(said()).toContain(path);
      await endsByRepeating(site, out);
      expect(watch.halves()).toEqual([]);
    });

    it("before its output has its name: the same command ends it", async ({ onTestFinished }) => {
      const { site, out, watch, close } = await open("naming");
      onTestFinished(close);
      await site.worker();
      const traced = folder.file("naming.strace");
      const slow = ["-e", "trace=/^rename", "-e", "inject=/^rename:delay_enter=800000"]; // microseconds
      const crowd = crowdAt(site.redis.url, site.store, {}, ["strace", "-D", "-f", "-o", traced, ...slow]);
      onTestFinished(crowd.scatter);
      const run = crowd.denoise(log, out, ...OPTIONS);
      await until(() =>
        readdirSync(dirname(out)).some((name) => statSync(join(dirname(out), name)).size > 0),
      );
      await pause(400);
      run.process.kill("SIGKILL");
      expect((await run.ended).exit).toBe(null);
      expect(readFileSync(traced, "utf8")).toMatch(/"[^"]*clean\.csv" *(<unfinished|\) += \?)/);
      await endsByRepeating(site, out);
      expect(watch.halves()).toEqual([]);
    });

    async function endsByRepeating(site: Site, out: string): Promise<void> {
      expect(existsSync(out)).toBe(false);
      expect(await site.denoise(log, out, ...OPTIONS).ended).toMatchObject({ exit: 0 });
      expect(digestOf(out)).toBe(expected);
    }
  });
});

const procfs = existsSync("/proc/self/schedstat");
const absent = procfs ? noRedis : " (skipped: no /proc)";
it.skipIf(!hasRedis || !procfs)(
  `kill -9 of a worker while it computes: another goes on${absent}`,
  async ({ onTestFinished }) => {
    const { site, out, watch, close } = await open("computing");
    onTestFinished(close);
    const { process } = await site.worker();
    const run = site.denoise(log, out, ...SLOW);
    await freezeComputing(process, site.store);
    const before = site.stored();
    process.kill("SIGKILL");
    expect(site.stored()).toBe(before);
    await site.worker();
    expect(await run.ended).toMatchObject({ exit: 0 });
    expect(digestOf(out)).toBe(expectedSlow);
    expect(watch.halves()).toEqual([]);
  },
);

/** Stops a worker where a thread that works is in its own code and has been since anything was written. */
async function freezeComputing(worker: ChildProcess, store: string): Promise<void> {
  const process = worker.pid!;
  const written = () => (existsSync(store) ? readdirSync(store, { recursive: true }).join() : "");
  await until(() => existsSync(join(store, "jobs")));
  let [last, since] = [written(), computedBy(process)];
  await until(async () => {
    worker.kill("SIGSTOP");
    await pause(10);
    if (written() !== last) [last, since] = [written(), computedBy(process)];
    const worked = [...computedBy(process)].map(
      ([thread, time]) => [thread, time - (since.get(thread) ?? time)] as const,
    );
    const [thread, time] = worked.reduce((left, right) => (left[1] > right[1] ? left : right));
    if (time > MOMENT && inItsOwnCode(process, thread)) return true;
    worker.kill("SIGCONT");
    return false;
  });
}

/** Nanoseconds of computing that no mere reading or writing takes. */
const MOMENT = 5e6;

/** The nanoseconds that each thread of a process has computed, but for its first, which only reads and writes. */
function computedBy(process: number): Map<string, number> {
  const times = readdirSync(`/proc/${process}/task`).map((thread): [string, number] => [
    thread,
    Number(readFileSync(`/proc/${process}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  ]);
  return new Map(times.filter(([thread]) => thread !== `${process}`));
}

/** Whether a stopped thread was stopped outside of any system call. */
function inItsOwnCode(process: number, thread: string): boolean {
  return readFileSync(`/proc/${process}/task/${thread}/syscall`, "utf8").startsWith("-1 ");
}
