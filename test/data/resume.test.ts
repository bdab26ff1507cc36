import { describe, expect, it } from "vitest";
import { randomFor } from "../../src/random.ts";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { wholeRun } from "../resuming.ts";

const windows = process.platform === "win32";
const folder = temporaryFolder();
const log = folder.file("log.csv");
const KILLS = 10;

/** Models and transports of all kinds, small enough to be run a hundred times. */
const RUNS: string[][] = [
  ["--model", "nce-plrec", "--factors", "20", "--iterations", "3"],
  ["--model", "wrmf", "--factors", "16", "--iterations", "2", "--transport", "item-side"],
  ["--model", "vae-cf", "--factors", "10", "--hidden", "16", "--epochs", "12", "--network-score", "logit"],
  ["--model", "cdae", "--factors", "10", "--epochs", "8", "--iterations", "2"],
  ["--model", "ease", "--transport", "sinkhorn", "--gamma", ".5"],
];

describe.skipIf(windows)("kill -9 (a signal of POSIX) at 50 random moments", () => {
  it.each(RUNS.map((args) => [args.join(" "), args] as const))(
    "%s",
    async (name, args) => {
      const sizes = ["--users", "300", "--items", "200", "--interactions", "6000"];
      expect((await prorec(["synth", ...sizes, "-o", log, "--quiet"])).exit).toBe(0);
      const whole = await wholeRun(folder.path, log, ...args);
      const random = randomFor(1, `kill ${name}`);
      for (let kill = 0; kill < KILLS; kill++) {
        const moment = random.uniform() * whole.milliseconds;
        await whole.stopped(async ({ process }) => {
          await new Promise((resolve) => setTimeout(resolve, moment));
          process.kill("SIGKILL");
        });
      }
    },
    1_800_000,
  );
});
