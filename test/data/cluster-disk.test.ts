import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statfsSync } from "node:fs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { countsOf, crowdAt, digestOf, resultsIn, until } from "../cluster.ts";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { hasRedis, noRedis, startRedis } from "../servers.ts";
import { watchStore } from "../whole.ts";

const folder = temporaryFolder();
const log = folder.file("log.csv");
const one = folder.file("one.csv");
const OPTIONS = ["--model", "svd", "--factors", "30"];

const mount = (options: string, place: string) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", place]).status === 0;
const unmount = (place: string) => spawnSync("umount", ["-l", place]);
const mountable = mount("size=64k", folder.path) && unmount(folder.path).status === 0;
const skipped = mountable ? noRedis : " (skipped: can't mount a disk here)";

beforeAll(async () => {
  const size = ["--users", "1500", "--items", "600", "--interactions", "20000"];
  await prorec(["synth", ...size, "--quiet", "-o", log]);
  expect(await prorec(["denoise", log, "--quiet", ...OPTIONS, "-o", one])).toMatchObject({ exit: 0 });
});

describe.skipIf(!mountable || !hasRedis)(`a store whose disk is full${skipped}`, () => {
  it.each([
    ["in the middle of a run", "100m", 8],
    ["from the beginning", "64k", 0],
  ])(
    "%s ends it by name, and with more room the same command gives its bytes",
    async (when, size, blocks) => {
      const place = folder.file(when);
      mkdirSync(place);
      expect(mount(`size=${size}`, place)).toBe(true);
      onTestFinished(() => void unmount(place));
      const watch = watchStore(place);
      onTestFinished(watch.stop);
      const redis = await startRedis(folder.file(`redis ${when}`));
      onTestFinished(redis.stop);
      const { worker, denoise, scatter } = crowdAt(`redis://127.0.0.1:${redis.port}`, place);
      onTestFinished(scatter);
      await Promise.all([worker(), worker()]);
      mkdirSync(folder.file(`out ${when}`));
      const out = folder.file(`out ${when}/clean.csv`);

      const run = denoise(log, out, ...OPTIONS);
      if (blocks > 0) {
        await until(() => resultsIn(place).length > blocks && resize(place, used(place)));
      }
      const failed = await run.ended;
      expect(failed.exit).toBe(3);
      expect(failed.stderr).toMatch(/prorec: .*Can't write .*: the disk is full\.\n {2}Free some space/s);
      expect(failed.stderr).toContain(`Can't write ${place}/`);
      expect(readdirSync(folder.file(`out ${when}`))).toEqual([]);
      expect(watch.halves()).toEqual([]);

      const before = resultsIn(place).length;
      expect(before).toBeGreaterThanOrEqual(blocks);
      expect(resize(place, 200 * 2 ** 20)).toBe(true);
      const again = await denoise(log, out, ...OPTIONS).ended;
      expect(again).toMatchObject({ exit: 0 });
      expect(digestOf(out)).toBe(digestOf(one));
      expect(countsOf(again).there).toBeGreaterThanOrEqual(before);
      expect(countsOf(again).computed).toBeGreaterThan(0);
      expect(watch.halves()).toEqual([]);
      expect(existsSync(out)).toBe(true);
    },
  );
});

function used(place: string): number {
  const { blocks, bfree, bsize } = statfsSync(place);
  return (blocks - bfree) * bsize;
}

function resize(place: string, bytes: number): boolean {
  return mount(`remount,size=${bytes}`, place);
}
