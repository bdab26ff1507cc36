import { beforeAll, expect, it, onTestFinished } from "vitest";
import {
  type Crowd,
  countsOf,
  digestAlone,
  digestOf,
  openOnPostgres,
  openOnS3,
  openSite,
} from "../cluster.ts";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { hasPostgres, hasRedis, noPostgres, noRedis } from "../servers.ts";

const folder = temporaryFolder();
const log = folder.file("log.csv");
const OPTIONS = ["--model", "svd", "--factors", "16"];
/** Of what one process writes. */
let expected: string;

beforeAll(async () => {
  const size = ["--users", "20000", "--items", "5000", "--interactions", "2000000"];
  expect(await prorec(["synth", ...size, "--quiet", "-o", log])).toMatchObject({ exit: 0 });
  expected = await digestAlone(log, folder.file("one.csv"), OPTIONS);
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
  const crowd = await openOnS3(folder.file("s3"));
  onTestFinished(crowd.close);
  expect(await computedBy(crowd, "redis-s3")).toBeGreaterThan(100);
});

it.skipIf(!hasPostgres)(`two million interactions over PostgreSQL and a folder${noPostgres}`, async () => {
  const crowd = await openOnPostgres(folder.file("postgres"));
  onTestFinished(crowd.close);
  expect(await computedBy(crowd, "postgres-folder")).toBeGreaterThan(100);
});
