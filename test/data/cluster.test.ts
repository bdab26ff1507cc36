import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { randomFor } from "../../src/random.ts";
import { countsOf, digestAlone, digestOf, openOnPostgres, openOnS3, openSite } from "../cluster.ts";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { hasPostgres, hasRedis, noPostgres, noRedis } from "../servers.ts";
import { amusic, ml100k } from "../shared.ts";

const folder = temporaryFolder();
const MODELS = ["svd", "nce-plrec", "wrmf"];

const inOneProcess = new Map<string, Promise<string>>();

/** The digest of what one process writes. */
function expected(log: string, model: string): Promise<string> {
  const name = `one-${inOneProcess.size}.csv`;
  const compute = () => digestAlone(log, folder.file(name), ["--model", model]);
  const key = `${log} ${model}`;
  inOneProcess.set(key, inOneProcess.get(key) ?? compute());
  return inOneProcess.get(key)!;
}

describe.skipIf(!hasRedis)(`Redis and a folder${noRedis}`, () => {
  describe.each([
    ["ML-100k", ml100k],
    ["AMusic", amusic],
  ])("%s", (name, { path, absent, reason }) => {
    it.skipIf(absent).each(MODELS)(`%s on three workers${reason}`, async (model) => {
      const site = await openSite(folder.file(`${name}-${model}`));
      onTestFinished(site.close);
      await Promise.all([site.worker(), site.worker(), site.worker()]);
      const out = folder.file(`${name}-${model}.csv`);
      const ended = await site.denoise(path, out, "--model", model).ended;
      expect(ended).toMatchObject({ exit: 0 });
      expect(digestOf(out)).toBe(await expected(path, model));
      expect(countsOf(ended)).toEqual({ computed: site.stored(), there: 0 });
    });
  });

  it.skipIf(ml100k.absent)(`workers killed at ten random moments${ml100k.reason}`, async () => {
    const random = randomFor(1, "kills");
    const site = await openSite(folder.file("kills"));
    onTestFinished(site.close);
    const out = folder.file("kills.csv");
    let victim = await site.worker();
    await site.worker();
    const run = site.denoise(ml100k.path, out, "--model", "wrmf", "--iterations", "3");
    for (let kill = 0; kill < 10; kill++) {
      await pause(2000 * random.uniform());
      victim.process.kill("SIGKILL");
      victim = await site.worker();
    }
    expect(await run.ended).toMatchObject({ exit: 0 });
    const one = folder.file("kills-one.csv");
    await prorec(["denoise", ml100k.path, "--model", "wrmf", "--iterations", "3", "-o", one, "--quiet"]);
    expect(digestOf(out)).toBe(digestOf(one));
  });
});

it.skipIf(!hasRedis || ml100k.absent)(`Redis and S3${noRedis || ml100k.reason}`, async () => {
  const crowd = await openOnS3(folder.file("s3"));
  onTestFinished(crowd.close);
  await Promise.all([crowd.worker(), crowd.worker()]);
  const out = folder.file("s3.csv");
  const ended = await crowd.denoise(ml100k.path, out, "--model", "svd").ended;
  expect(ended).toMatchObject({ exit: 0 });
  expect(digestOf(out)).toBe(await expected(ml100k.path, "svd"));
});

describe.skipIf(!hasPostgres)(`PostgreSQL and a folder${noPostgres}`, () => {
  it.skipIf(ml100k.absent)(`a worker is killed, the run is repeated${ml100k.reason}`, async () => {
    const crowd = await openOnPostgres(folder.file("postgres"));
    onTestFinished(crowd.close);
    const [killed] = await Promise.all([crowd.worker(), crowd.worker()]);
    const out = folder.file("postgres.csv");
    const run = crowd.denoise(ml100k.path, out, "--model", "svd");
    await run.hasSaid("rows ...");
    killed!.process.kill("SIGKILL");
    expect(await run.ended).toMatchObject({ exit: 0 });
    expect(digestOf(out)).toBe(await expected(ml100k.path, "svd"));
    const again = await crowd.denoise(ml100k.path, out, "--model", "svd").ended;
    expect(countsOf(again).computed).toBe(0);
  });
});
