import { mkdirSync } from "node:fs";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { type Crowd, countsOf, crowdAt, digestOf, openSite } from "../cluster.ts";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { startS3 } from "../s3.ts";
import { hasPostgres, hasRedis, noPostgres, noRedis, startPostgres, startRedis } from "../servers.ts";

const folder = temporaryFolder();
const log = folder.file("log.csv");
const OPTIONS = ["--model", "svd", "--factors", "16"];
/** Of what one process writes. */
let expected: string;

beforeAll(async () => {
  const size = ["--users", "20000", "--items", "5000", "--interactions", "2000000"];
  expect(await prorec(["synth", ...size, "--quiet", "-o", log])).toMatchObject({ exit: 0 });
  const out = folder.file("one.csv");
  expect(await prorec(["denoise", log, "--quiet", ...OPTIONS, "-o", out])).toMatchObject({ exit: 0 });
  expected = digestOf(out);
});

/** Three workers do the log; returns how many blocks they computed. */
async function computedBy({ worker, denoise }: Crowd, name: string): Promise<number> {
  await Promise.all([worker(), worker(), worker()]);
  const out = folder.file(`${name}.csv`);
  const ended = await denoise(log, out, ...OPTIONS).ended;
  expect(ended).toMatchObject({ exit: 0 });
  expect(ended.stderr).toContain("2,000,000 rows");
  expect(digestOf(out)).toBe(expected);
  const { computed, there } = countsOf(ended);
  expect(there).toBe(0);
  return computed;
}

it.skipIf(!hasRedis)(`two million interactions over Redis and a folder${noRedis}`, async () => {
  const site = await openSite(folder.file("site"));
  onTestFinished(site.close);
  expect(await computedBy(site, "redis-folder")).toBe(site.stored());
});

it.skipIf(!hasRedis)(`two million interactions over Redis and S3${noRedis}`, async () => {
  const redis = await startRedis(folder.file("redis"));
  onTestFinished(redis.stop);
  const s3 = await startS3(folder.file("s3"));
  onTestFinished(s3.stop);
  const crowd = crowdAt(`redis://127.0.0.1:${redis.port}`, "s3://prorec/runs", s3.environment);
  onTestFinished(crowd.scatter);
  expect(await computedBy(crowd, "redis-s3")).toBeGreaterThan(100);
});

it.skipIf(!hasPostgres)(`two million interactions over PostgreSQL and a folder${noPostgres}`, async () => {
  const postgres = await startPostgres(folder.file("postgres"));
  onTestFinished(postgres.stop);
  const store = folder.file("store");
  mkdirSync(store);
  const crowd = crowdAt(`postgres://prorec:hunter2@127.0.0.1:${postgres.port}/postgres`, store);
  onTestFinished(crowd.scatter);
  expect(await computedBy(crowd, "postgres-folder")).toBeGreaterThan(100);
});
