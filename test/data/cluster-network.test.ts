import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { crowdAt, digestAlone, digestOf, resultsIn, until } from "../cluster.ts";
import { temporaryFolder } from "../files.ts";
import { noNamespaces, openNetwork } from "../namespaces.ts";
import { prorec } from "../process.ts";
import { hasRedis, noRedis, startRedis } from "../servers.ts";
import { watchStore } from "../whole.ts";

const folder = temporaryFolder();
const log = folder.file("log.csv");
const FIRST = ["--model", "svd", "--factors", "30"];
const SECOND = ["--model", "nce-plrec", "--factors", "30"];
const expected: string[] = [];
/** Longer than a block stays a worker's without a sign of life (8 s). */
const CUT = 10_000;

beforeAll(async () => {
  const size = ["--users", "4000", "--items", "600", "--interactions", "50000"];
  await prorec(["synth", ...size, "--quiet", "-o", log]);
  for (const options of [FIRST, SECOND]) {
    expected.push(await digestAlone(log, folder.file("one.csv"), options));
  }
});

it.skipIf(noNamespaces !== "" || !hasRedis)(
  `three workers at addresses of their own, one cut off for longer than its blocks are its own${noNamespaces || noRedis}`,
  async () => {
    const network = openNetwork(3);
    onTestFinished(network.close);
    const own = ["--bind", network.address, "--requirepass", "hunter2"];
    const redis = await startRedis(folder.file("redis"), undefined, own, network.on(0));
    onTestFinished(redis.stop);
    const ask = (...words: string[]) => {
      const [program, ...rest] = [...network.on(0), "redis-cli", "--no-auth-warning", "-a", "hunter2"];
      const where = ["-h", network.address, "-p", `${redis.port}`];
      return execFileSync(program!, [...rest, ...where, ...words]).toString();
    };
    const store = folder.file("store");
    mkdirSync(store);
    const watch = watchStore(store);
    onTestFinished(watch.stop);
    const url = `redis://:hunter2@${network.address}:${redis.port}`;
    const [here, ...machines] = [0, 1, 2, 3].map((machine) => crowdAt(url, store, {}, network.on(machine)));
    for (const crowd of [here!, ...machines]) onTestFinished(crowd.scatter);
    const out = folder.file("clean.csv");

    await machines[0]!.worker();
    const run = here!.denoise(log, out, ...FIRST);
    await until(() => resultsIn(store).length > 8);
    const inHand = () => {
      const queues = ask("--scan", "--pattern", "prorec:blocks-*:active").split("\n").filter(Boolean);
      return queues.reduce((sum, queue) => sum + Number(ask("llen", queue)), 0);
    };
    await until(() => {
      network.cut(1);
      if (inHand() > 0) return true;
      network.heal(1);
      return false;
    }, 10);
    const since = Date.now();
    expect(run.process.exitCode).toBe(null);
    await Promise.all([machines[1]!.worker(), machines[2]!.worker()]);
    const clients = ask("client", "list");
    for (const machine of [2, 3]) expect(clients).toContain(` addr=${network.addressOf(machine)}:`);
    expect(await run.ended).toMatchObject({ exit: 0 });
    expect(Date.now() - since).toBeGreaterThan(4000); // it needed the blocks that were in hand
    expect(digestOf(out)).toBe(expected[0]);

    await pause(Math.max(0, since + CUT - Date.now()));
    network.heal(1);
    for (const machine of [1, 2]) machines[machine]!.scatter();
    const alone = await here!.denoise(log, out, ...SECOND).ended;
    expect(alone).toMatchObject({ exit: 0 });
    expect(digestOf(out)).toBe(expected[1]);
    expect(ask("client", "list")).toContain(` addr=${network.addressOf(1)}:`);
    expect(watch.halves()).toEqual([]);
  },
);
