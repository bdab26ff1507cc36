import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Ended, type Running, start } from "./process.ts";

/** Whether Debian's redis-server is there. */
export const REDIS = spawnSync("redis-server", ["--version"]).status === 0;
export const WITH_REDIS = REDIS ? "" : " (skipped: no redis-server)";

/** A Redis of the test's own on loopback, which keeps what it is told. */
interface RedisServer {
  readonly url: string;
  command(...words: string[]): string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

async function openRedis(folder: string, policy: string): Promise<RedisServer> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  let server: ChildProcess | undefined;
  const command = (...words: string[]) =>
    execFileSync("redis-cli", ["-p", `${port}`, ...words], {
      stdio: ["ignore", "pipe", "ignore"],
    }).toString();
  const redis: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    command,
    async kill() {
      if (server === undefined) return;
      const closed = new Promise((resolve) => server?.once("close", resolve));
      server.kill("SIGKILL");
      await closed;
      server = undefined;
    },
    async start() {
      const options = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""];
      server = spawn(
        "redis-server",
        [
          ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--maxmemory-policy", policy],
          ...options,
        ],
        { stdio: "ignore" },
      );
      await until(() => answers(command));
    },
  };
  await redis.start();
  return redis;
}

function answers(command: RedisServer["command"]): boolean {
  try {
    return command("ping").startsWith("PONG");
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export async function until(holds: () => boolean, seconds = 100): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`It did not happen in ${seconds} s: ${holds}`);
    await pause(20);
  }
}

/** One queue, one store, and who works there. */
export interface Site {
  readonly redis: RedisServer;
  readonly store: string;
  worker(script?: string): Promise<Running>;
  denoise(log: string, out: string, ...options: string[]): Running;
  /** How many blocks' results the store has. */
  stored(): number;
  /** Their files. */
  results(): string[];
  close(): Promise<void>;
}

export async function openSite(folder: string, policy = "noeviction"): Promise<Site> {
  const redis = await openRedis(join(folder, "redis"), policy);
  const store = join(folder, "store");
  mkdirSync(store);
  const where = ["--cluster", redis.url, "--store", store];
  const all: Running[] = [];
  const begin = (args: string[], script = "dist/cli/main.js") => {
    const running = start(script, args);
    running.ended.catch(() => {});
    all.push(running);
    return running;
  };
  const results = () => {
    const jobs = join(store, "jobs");
    return (existsSync(jobs) ? readdirSync(jobs) : []).flatMap((job) =>
      readdirSync(join(jobs, job))
        .filter((name) => /^block-\d+$/.test(name))
        .map((name) => join(jobs, job, name)),
    );
  };
  return {
    ...{ redis, store },
    async worker(script) {
      const running = begin(["worker", ...where, "--threads", "1"], script);
      await running.hasSaid("threads for blocks");
      return running;
    },
    denoise: (log, out, ...options) => begin(["denoise", log, "-o", out, ...where, ...options]),
    results,
    stored: () => results().length,
    async close() {
      for (const { process } of all) process.kill("SIGKILL");
      await redis.kill();
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
