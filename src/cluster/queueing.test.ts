import { spawnSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import {
  freePort,
  hasPostgres,
  hasRedis,
  noPostgres,
  noRedis,
  type Server,
  startPostgres,
  startRedis,
} from "../../test/servers.ts";
import { openQueueing, type Queueing } from "./queueing.ts";

const folder = temporaryFolder();
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const TAKING = { concurrency: 4, lockDuration: 8000, stalledInterval: 4000, maxStalledCount: 5 };

const redis = {
  name: "Redis",
  present: hasRedis,
  start: () => startRedis(folder.file("redis"), undefined, ["--requirepass", "hunter2"]),
  address: (port: number, password = "hunter2") => `redis://:${password}@127.0.0.1:${port}/1`,
};
const postgres = {
  name: "PostgreSQL",
  present: hasPostgres,
  start: () => startPostgres(folder.file("postgres")),
  address: (port: number, password = "hunter2") => `postgres://prorec:${password}@127.0.0.1:${port}/postgres`,
};

/** All that a log could get of an error. */
async function toldBy(address: string): Promise<string> {
  const error = await openQueueing(address).then(
    () => expect.unreachable(),
    (error) => error,
  );
  expect(error.code).toBe("UNUSABLE_CLUSTER");
  const told = `${error.stack}\n${error.hint}\n${JSON.stringify([error, error.cause])}`;
  expect(told).not.toContain("hunter2");
  return told;
}

describe.each([redis, postgres])("queueing on $name", ({ name, present, start, address }) => {
  describe.skipIf(!present)(present ? "" : `(skipped: no ${name} here)`, () => {
    let server: Server;
    let queueing: Queueing;
    beforeAll(async () => {
      server = await start();
      queueing = await openQueueing(address(server.port));
    }, 60_000);
    afterAll(async () => {
      await queueing.close();
      await server.stop();
    });

    it("hands jobs to workers, each once, and tells how they ended", async () => {
      const queue = queueing.queue<{ number: number }>("squares");
      const ended = new Map<string, unknown>();
      const follower = await queueing.follow("squares", (id, end) => {
        expect(ended.has(id)).toBe(false);
        ended.set(id, end);
      });
      const taken: number[] = [];
      const workers = [1, 2].map(() =>
        queueing.worker<{ number: number }>(
          "squares",
          async ({ data: { number } }) => {
            taken.push(number);
            if (number === 7) throw new Error("seven");
            return { square: number * number };
          },
          TAKING,
        ),
      );
      const jobs = Array.from({ length: 40 }, (_, number) => ({
        name: "square",
        data: { number },
        opts: { jobId: `job-${number}`, removeOnComplete: true, removeOnFail: true },
      }));
      await Promise.all([queue.addBulk(jobs), queue.addBulk(jobs)]); // the same ids: the same jobs
      for (let tries = 0; ended.size < 40 && tries < 200; tries++) await setTimeout(50);
      expect([...ended.keys()].sort()).toEqual(jobs.map(({ opts }) => opts.jobId).sort());
      expect(ended.get("job-9")).toEqual({ returned: { square: 81 } });
      expect(ended.get("job-7")).toEqual({ failed: "seven" });
      expect(await queue.getJob("job-9")).toBeUndefined();
      expect(taken.length).toBeLessThan(80);
      await Promise.all([...workers, follower, queue].map((each) => each.close()));
    });

    it("gives the job of a worker that is gone to another", async () => {
      const queue = queueing.queue<string>("gone");
      const quick = { ...TAKING, lockDuration: 1000, stalledInterval: 500 };
      let takes = 0;
      const gone = queueing.worker<string>("gone", () => new Promise(() => takes++), quick);
      gone.on("error", () => {});
      await queue.add("block", "x", { jobId: "block-1" });
      for (let tries = 0; takes === 0 && tries < 100; tries++) await setTimeout(50);
      await gone.close(true);
      const done: string[] = [];
      const other = queueing.worker<string>("gone", async ({ data }) => done.push(data), quick);
      for (let tries = 0; done.length === 0 && tries < 200; tries++) await setTimeout(50);
      expect(done).toEqual(["x"]);
      await Promise.all([other.close(), queue.close()]);
    });

    it("shows notices until they are old or removed", async () => {
      const { notices } = queueing;
      await notices.post("worker:a", "one", 60);
      await notices.post("worker:a", "two", 60);
      await notices.post("worker:b", "short", 1);
      await notices.post("run:a", "run", 60);
      expect((await notices.read("worker:")).sort()).toEqual(["short", "two"]);
      await setTimeout(1200);
      expect(await notices.read("worker:")).toEqual(["two"]);
      await notices.remove("worker:a");
      expect(await notices.read("worker:")).toEqual([]);
      expect(await notices.read("run:")).toEqual(["run"]);
    });

    it("can be opened by many at once and again", async () => {
      const many = await Promise.all(Array.from({ length: 5 }, () => openQueueing(address(server.port))));
      for (const each of many) {
        expect(each.address).toMatch(/^(redis|postgres):\/\/\*\*\*@127\.0\.0\.1:\d+\/(1|postgres)$/);
        await each.close();
      }
    });

    it("says what is wrong without the password", async () => {
      expect(await toldBy(address(server.port, "not-hunter2"))).toMatch(/WRONGPASS|authentication failed/);
      expect(await toldBy(address(9))).toContain("ECONNREFUSED");
    });
  });
});

it.skipIf(!hasRedis)(
  `a Redis that may throw keys away is refused, with how to set it${noRedis}`,
  async () => {
    const lossy = await startRedis(folder.file("lossy"), undefined, ["--maxmemory-policy", "allkeys-lru"]);
    const told = await toldBy(`redis://127.0.0.1:${lossy.port}`);
    expect(told).toContain("its maxmemory-policy is allkeys-lru");
    expect(told).toContain("redis-cli config set maxmemory-policy noeviction");
    await lossy.stop();
  },
);

describe.skipIf(!hasOpenssl)(`TLS${hasOpenssl ? "" : " (skipped: no openssl)"}`, () => {
  it.skipIf(!hasRedis)(`to a Redis whose certificate nobody vouches for is refused${noRedis}`, async () => {
    const [key, certificate] = [folder.file("tls.key"), folder.file("tls.crt")];
    const files = ["-nodes", "-keyout", key, "-out", certificate];
    spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      ...files,
    ]);
    const port = await freePort();
    const given = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"];
    const server = await startRedis(folder.file("tls"), undefined, [...given, "--tls-port", `${port}`]);
    expect(await toldBy(`rediss://u:hunter2@localhost:${port}`)).toContain("self-signed certificate");
    await server.stop();
  });

  it.skipIf(!hasPostgres)(
    `to a PostgreSQL that has none is refused, never given up${noPostgres}`,
    async () => {
      const server = await startPostgres(folder.file("no-tls"));
      const address = `postgres://prorec:hunter2@127.0.0.1:${server.port}/postgres`;
      expect(await toldBy(`${address}?sslmode=require`)).toContain("does not support SSL");
      await server.stop();
    },
  );
});

it.skipIf(!hasPostgres)(
  `many who come to an empty PostgreSQL at once all find tables${noPostgres}`,
  async () => {
    const server = await startPostgres(folder.file("empty"));
    const address = `postgres://prorec:hunter2@127.0.0.1:${server.port}/postgres`;
    const opened = await Promise.allSettled(Array.from({ length: 12 }, () => openQueueing(address)));
    await Promise.all(opened.map((one) => one.status === "fulfilled" && one.value.close()));
    await server.stop();
    expect(opened.filter(({ status }) => status === "rejected")).toEqual([]);
  },
);

it.skipIf(!hasPostgres)(
  `a PostgreSQL user who may not make tables needs them made; then he works${noPostgres}`,
  async () => {
    const server = await startPostgres(folder.file("rights"));
    const owner = new pg.Client({
      host: "127.0.0.1",
      port: server.port,
      user: "prorec",
      password: "hunter2",
      database: "postgres",
    });
    await owner.connect();
    await owner.query("CREATE ROLE guest LOGIN PASSWORD 'hunter2'");
    const guest = `postgres://guest:hunter2@127.0.0.1:${server.port}/postgres`;
    expect(await toldBy(guest)).toContain("GRANT CREATE ON DATABASE");
    await (await openQueueing(`postgres://prorec:hunter2@127.0.0.1:${server.port}/postgres`)).close();
    await owner.query(
      "GRANT USAGE ON SCHEMA prorec TO guest; GRANT ALL ON ALL TABLES IN SCHEMA prorec TO guest",
    );
    await owner.query("GRANT ALL ON ALL SEQUENCES IN SCHEMA prorec TO guest");
    await (await openQueueing(guest)).close();
    await owner.query(
      "INSERT INTO prorec.migration (version, name, min_client_version) VALUES (9999, 'later', 99)",
    );
    expect(await toldBy(guest)).toContain("requires BullMQ major version 99");
    await owner.end();
    await server.stop();
  },
);
