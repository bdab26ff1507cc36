import { existsSync } from "node:fs";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import {
  type Crowd,
  countsOf,
  digestAlone,
  digestOf,
  openOnPostgres,
  openOnS3,
  queuedId,
  until,
} from "../cluster.ts";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { hasPostgres, hasRedis, noPostgres, noRedis } from "../servers.ts";

const folder = temporaryFolder();
const log = folder.file("log.csv");
const OPTIONS = ["--model", "svd", "--factors", "30"];
/** Of what one process writes. */
let expected: string;

beforeAll(async () => {
  const size = ["--users", "1500", "--items", "600", "--interactions", "20000"];
  expect(await prorec(["synth", ...size, "--quiet", "-o", log])).toMatchObject({ exit: 0 });
  expected = await digestAlone(log, folder.file("one.csv"), OPTIONS);
});

/** A run is listed, cancelled, listed again and resumed; then it is counted. */
async function cancelledAndResumed({ worker, denoise, runs }: Crowd, out: string): Promise<void> {
  const run = denoise(log, out, ...OPTIONS);
  const id = await queuedId(run, { runs });
  const shown = async () => JSON.parse((await runs("show", id, "--json")).stdout).run;
  expect(await shown()).toMatchObject({ id, state: "queued" });

  expect(await runs("cancel", id)).toMatchObject({ exit: 0 });
  expect((await run.ended).exit).not.toBe(0);
  expect(existsSync(out)).toBe(false);
  const { runs: listed } = JSON.parse((await runs("list", "--json")).stdout);
  expect(listed).toMatchObject([{ id, state: "cancelled", resumable: true, log: [log] }]);

  await worker();
  const again = await runs("resume", id);
  expect(again).toMatchObject({ exit: 0 });
  expect(digestOf(out)).toBe(expected);
  expect(await shown()).toMatchObject({ id, state: "done" });
  const { computed, there } = countsOf(again); // there: what the worker had found in the queue before the run went on
  await until(async () => (await runs("metrics")).stdout.includes(`end="computed"} ${computed + there}\n`));
  expect((await runs("metrics")).stdout).toContain("prorec_workers 1\n");
}

it.skipIf(!hasRedis)(`a run over Redis and S3 is cancelled and resumed${noRedis}`, async () => {
  const crowd = await openOnS3(folder.file("s3"));
  onTestFinished(crowd.close);
  await cancelledAndResumed(crowd, folder.file("s3.csv"));
});

it.skipIf(!hasPostgres)(
  `a run over PostgreSQL and a folder is cancelled and resumed${noPostgres}`,
  async () => {
    const crowd = await openOnPostgres(folder.file("postgres"));
    onTestFinished(crowd.close);
    await cancelledAndResumed(crowd, folder.file("postgres.csv"));
  },
);
