import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { type Ended, prorec, type Running, start } from "./process.ts";
import { startS3 } from "./s3.ts";
import { freePort, startPostgres, startRedis } from "./servers.ts";

/** A Redis of the test's own on loopback, which keeps what it is told. */
interface OwnRedis {
  readonly url: string;
  command(...words: string[]): void;
  kill(): Promise<void>;
  start(): Promise<void>;
}

async function openRedis(folder: string, policy: string): Promise<OwnRedis> {
  const port = await freePort();
  const start = () => startRedis(folder, port, ["--maxmemory-policy", policy]);
  let server = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    command: (...words) => execFileSync("redis-cli", ["-p", `${port}`, ...words]),
    kill: () => server.stop(),
    async start() {
      server = await start();
    },
  };
}

export async function until(holds: () => boolean | Promise<boolean>, seconds = 100): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not happen in ${seconds} s: ${holds}`);
    await pause(20);
  }
}

/** Who works at one queue and one store. */
export interface Crowd {
  worker(script?: string): Promise<Running>;
  denoise(log: string, out: string, ...options: string[]): Running;
  /** `prorec runs` with these words. */
  runs(command: string, ...words: string[]): Promise<Ended>;
  /** Kills all of them. */
  scatter(): void;
}

/** A crowd with a Redis and a folder of its own. */
export interface Site extends Crowd {
  readonly redis: OwnRedis;
  readonly store: string;
  /** How many blocks' results the store has. */
  stored(): number;
  /** Their files. */
  results(): string[];
  close(): Promise<void>;
}

export function crowdAt(
  cluster: string,
  store: string,
  environment: Readonly<Record<string, string>> = {},
  under: readonly string[] = [],
): Crowd {
  const where = ["--cluster", cluster, "--store", store];
  const all: Running[] = [];
  const begin = (args: string[], script = "dist/cli/main.js") => {
    const running = start(script, args, { environment, under });
    running.ended.catch(() => {});
    all.push(running);
    return running;
  };
  return {
    async worker(script) {
      const running = begin(["worker", ...where, "--threads", "1"], script);
      await running.hasSaid("threads for blocks");
      return running;
    },
    denoise: (log, out, ...options) => begin(["denoise", log, "-o", out, ...where, ...options]),
    runs(command, ...words) {
      const at = ["cancel", "metrics"].includes(command) ? where.slice(0, 2) : where;
      return start("dist/cli/main.js", ["runs", command, ...words, ...at], { environment }).ended;
    },
    scatter() {
      for (const { process } of all) process.kill("SIGKILL");
    },
  };
}

/** The files of the results that a folder has. */
export function resultsIn(store: string): string[] {
  const jobs = join(store, "jobs");
  return (existsSync(jobs) ? readdirSync(jobs) : []).flatMap((job) =>
    readdirSync(join(jobs, job))
      .filter((name) => /^block-\d+$/.test(name))
      .map((name) => join(jobs, job, name)),
  );
}

export async function openSite(folder: string, policy = "noeviction"): Promise<Site> {
  const redis = await openRedis(join(folder, "redis"), policy);
  const store = join(folder, "store");
  mkdirSync(store);
  const crowd = crowdAt(redis.url, store);
  const results = () => resultsIn(store);
  return {
    ...crowd,
    ...{ redis, store, results },
    stored: () => results().length,
    async close() {
      crowd.scatter();
      await redis.kill();
    },
  };
}

/** Makes tests of what is to be done at a site of its own below `folder`. */
export function sitesIn(folder: string) {
  let sites = 0;
  return (work: (site: Site) => Promise<void>, policy?: string) => async () => {
    const site = await openSite(join(folder, `site-${sites++}`), policy);
    await work(site).finally(site.close);
  };
}

/** A crowd whose servers end with it. */
interface ServedCrowd extends Crowd {
  close(): Promise<void>;
}

/** At a Redis and an S3 server of its own. */
export async function openOnS3(folder: string): Promise<ServedCrowd> {
  const redis = await startRedis(join(folder, "redis"));
  const s3 = await startS3(join(folder, "s3"));
  const crowd = crowdAt(`redis://127.0.0.1:${redis.port}`, "s3://prorec/runs", s3.environment);
  return served(crowd, [redis, s3]);
}

/** At a PostgreSQL of its own in `folder`, which its user must be able to reach, with a store beside it. */
export async function openOnPostgres(folder: string): Promise<ServedCrowd> {
  const server = await startPostgres(folder);
  const store = `${folder}-store`;
  mkdirSync(store);
  return served(crowdAt(`postgres://prorec:hunter2@127.0.0.1:${server.port}/postgres`, store), [server]);
}

function served(crowd: Crowd, servers: readonly { stop(): Promise<void> }[]): ServedCrowd {
  return {
    ...crowd,
    async close() {
      crowd.scatter();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** What a run says of its blocks. */
export function countsOf({ stderr }: Ended): { computed: number; there: number } {
  const [, computed, there] = /Cluster: ([\d,]+) blocks computed, ([\d,]+) were there/.exec(stderr) ?? [];
  const number = (text = "NaN") => Number(text.replaceAll(",", ""));
  return { computed: number(computed), there: number(there) };
}

export function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** The digest of what one process without a cluster writes to `out`. */
export async function digestAlone(log: string, out: string, options: readonly string[]): Promise<string> {
  const { exit, stderr } = await prorec(["denoise", log, "--quiet", ...options, "-o", out]);
  expect(exit, stderr).toBe(0);
  return digestOf(out);
}

/** The id of a run, once it says that blocks of it are queued. */
export async function queuedId(run: Running, { runs }: Pick<Crowd, "runs">): Promise<string> {
  await run.hasSaid("Estimated");
  const [, id] = /Run (\w+) at/.exec(run.said())!;
  await until(async () => JSON.parse((await runs("show", id!, "--json")).stdout).run.blocks?.waiting > 0);
  return id!;
}
