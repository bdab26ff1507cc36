import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npy } from "./logs.ts";
import { type ProcessOptions, prorec, ROOT, type Running, start } from "./process.ts";

const windows = process.platform === "win32";
const folder = mkdtempSync(join(tmpdir(), "prorec-signals-"));
const big = join(folder, "big.csv");
const few = join(folder, "few.csv");
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  const sizes = ["--users", "3000", "--items", "2000", "--interactions", "200000"];
  expect((await prorec(["synth", ...sizes, "-o", big, "--quiet"])).exit).toBe(0);
  const users = 10_000;
  const numbers = function* (count: number) {
    for (let index = 0; index < count; index++) yield (Math.imul(index + 1, 0x9e3779b1) % 1000) / 1000;
  };
  writeFileSync(join(folder, "u.npy"), npy([users, 100], numbers(users * 100)));
  writeFileSync(join(folder, "v.npy"), npy([users + 400, 100], numbers((users + 400) * 100)));
  writeFileSync(few, "user,item\n0,1\n7,7\n");
});

/** Folders of its own for a run's outputs and for what it spools. */
function places() {
  const [outputs, spool] = ["outputs", "spool"].map((name) => mkdtempSync(join(folder, `${name}-`)));
  return {
    options: { cwd: outputs!, environment: { TMPDIR: spool! } } satisfies ProcessOptions,
    /** All that is there, but a RUN folder of checkpoints, which --resume goes on from. */
    left() {
      const files = [outputs!, spool!].flatMap((place) =>
        readdirSync(place, { recursive: true, encoding: "utf8" }),
      );
      return files.filter((file) => !/^run($|\/(checkpoint.json|[\w-]+\.prorec)$)/.test(file));
    },
  };
}

const OUTPUTS = ["-o", "out.csv", "--flagged", "flagged.csv", "--save-run", "run"];
const EMBEDDED = ["--user-embeddings", join(folder, "u.npy"), "--item-embeddings", join(folder, "v.npy")];

describe.skipIf(windows)("SIGINT and SIGTERM (signals of POSIX) in every stage", () => {
  const fitted = ["denoise", big, ...OUTPUTS];
  const quick = [...fitted, "--model", "svd", "--factors", "5"];
  const embedded = ["denoise", few, ...EMBEDDED, ...OUTPUTS];
  it.each<[what: string, stage: string, args: string[]]>([
    ["read", "read ...", fitted],
    ["fit", "svd ...", fitted],
    ["items' sums", "columns ...", [...embedded, "--threads", "1"]],
    ["items' sums, three threads", "columns ...", [...embedded, "--threads", "3"]],
    ["users' rows, three threads", "rows ...", [...embedded, "--threads", "3"]],
    ["write OUT", "write ...", quick],
    ["write the flagged", "write: done", quick],
    [
      "synth",
      "generate ...",
      ["synth", "--users", "50000", "--items", "9000", "--interactions", "3000000", "-o", "out.csv"],
    ],
  ])("%s", async (_, stage, args) => {
    for (const [signal, exit] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const { options, left } = places();
      const running = start("dist/cli/main.js", args, options);
      await running.hasSaid(stage);
      await expectStop(running, signal, exit, left);
    }
  });

  it("while a pipe is being read", async () => {
    for (const [signal, exit] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const { options, left } = places();
      const fifo = join(options.cwd, "..", `${signal}.fifo`);
      expect(spawnSync("mkfifo", [fifo]).status).toBe(0);
      const holder = start("test/fixtures/hold-pipe.mjs", [fifo]);
      const running = start("dist/cli/main.js", ["denoise", fifo, ...OUTPUTS], options);
      await holder.hasSaid("written");
      while (left().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(left()).toEqual([expect.stringMatching(/^prorec-.*\.tmp$/)]);
      await expectStop(running, signal, exit, left);
      holder.process.kill();
      await holder.ended;
    }
  });

  async function expectStop(
    running: Running,
    signal: "SIGINT" | "SIGTERM",
    exit: number,
    left: () => string[],
  ) {
    const sent = performance.now();
    running.process.kill(signal);
    const ended = await running.ended;
    expect(ended, ended.stderr).toMatchObject({ exit, stdout: "" });
    expect(ended.stderr).toMatch(
      new RegExp(`(^|\\n)prorec: Stopped by ${signal}; no unfinished files are left\\.\\n$`),
    );
    expect(left()).toEqual([]);
    expect(performance.now() - sent).toBeLessThan(10_000); // a second on an idle machine
  }
});

describe.skipIf(windows)("a reader that goes away (pipes of POSIX)", () => {
  it("ends the run quietly, exit 3, and leaves nothing", async () => {
    const { options, left } = places();
    const args = [
      "denoise",
      big,
      "--model",
      "svd",
      "--factors",
      "5",
      "--quiet",
      "--flagged",
      "f.csv",
      "--save-run",
      "run",
    ];
    const running = start("dist/cli/main.js", args, options);
    running.process.stdout!.once("data", () => running.process.stdout!.destroy());
    const { exit, stderr } = await running.ended;
    expect(stderr).toBe("prorec: Standard output was closed before everything was written.\n");
    expect(exit).toBe(3);
    expect(left()).toEqual([]);
  });

  it("like head -1", () => {
    const line = `"${process.execPath}" "${ROOT}dist/cli/main.js" synth --quiet | head -1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", line], { encoding: "utf8" });
    expect(stdout).toBe("user,item\n");
    expect(stderr).toBe("prorec: Standard output was closed before everything was written.\n");
  });
});

describe.skipIf(windows)(
  "no more room (limits of POSIX): exit 3, a clear message and no partial file",
  () => {
    /** Runs prorec by a shell that sets the stage first. */
    function shell(before: string, args: readonly string[], { cwd, environment }: ProcessOptions) {
      const command = `${before} exec "$0" "$@"`;
      const words = ["-c", command, process.execPath, `${ROOT}dist/cli/main.js`, ...args];
      return spawnSync("sh", words, {
        cwd,
        env: { ...process.env, ...environment },
        encoding: "utf8",
        input: "",
      });
    }
    const fitted = ["denoise", big, "--model", "svd", "--factors", "5", "--quiet"];

    it.each(["out.csv", "out.csv.gz", "out.ndjson", "out.parquet"])("for -o %s", (output) => {
      const { options, left } = places();
      const { status, stderr } = shell(
        "ulimit -f 1000;",
        [...fitted, "--flagged", "flagged.csv", "-o", output],
        options,
      );
      expect(stderr).toMatch(
        new RegExp(`^prorec: Can't write ${output}: the file would become too large\\.\\n {2}\\S.*\\n$`),
      );
      expect(status).toBe(3);
      expect(left()).toEqual([]);
    });

    it.each<[option: string, name: string, file: string, row: (row: number) => string]>([
      [
        "--flagged",
        "flagged.csv",
        "flagged.csv",
        (row) => `u${row % 60},${"i".repeat(300)}${(row * 7) % 97}\n`,
      ],
      ["--save-run", "run", "run/fit.prorec", (row) => `u${row},i${(row * 7) % 1999}\n`],
    ])("for %s, and then there is no OUT either", (option, name, file, row) => {
      const log = join(folder, `${name}.log.csv`);
      writeFileSync(log, `user,item\n${Array.from({ length: 2000 }, (_, index) => row(index)).join("")}`);
      const args = [
        "denoise",
        log,
        "--model",
        "svd",
        "--factors",
        "60",
        "--threshold",
        "global:5",
        "--quiet",
        "-o",
        "out.csv",
        option,
        name,
      ];
      const roomy = places();
      expect(shell("", args, roomy.options).status).toBe(0);
      const size = (path: string) => statSync(join(roomy.options.cwd, path)).size;
      const blocks = Math.ceil((1.1 * size("out.csv")) / 512); // of 512 or, in bash, 1024 bytes
      expect(size(file)).toBeGreaterThan(1024 * blocks);

      const { options, left } = places();
      const { status, stderr } = shell(`ulimit -f ${blocks};`, args, options);
      expect(stderr).toContain(`${basename(file)}: the file would become too large`);
      expect(status).toBe(3);
      expect(left()).toEqual([]);
    });

    it("for the copy of a pipe, and says where it goes", async () => {
      const { options, left } = places();
      const command = `cat "${big}" | (ulimit -f 100; exec "$0" "$@")`;
      const words = [
        "-c",
        command,
        process.execPath,
        `${ROOT}dist/cli/main.js`,
        "denoise",
        "-",
        "-o",
        "out.csv",
      ];
      const { status, stderr } = spawnSync("sh", words, {
        cwd: options.cwd,
        env: { ...process.env, ...options.environment },
        encoding: "utf8",
      });
      expect(status).toBe(3);
      expect(stderr).toMatch(/^prorec: Can't write .*\/prorec-.*\.tmp: .*\n {2}.*set TMPDIR .*\n$/);
      expect(left()).toEqual([]);
    });

    const full = existsSync("/dev/full");
    it.skipIf(!full)(`for standard output${full ? "" : " (skipped: no /dev/full)"}`, () => {
      const { options, left } = places();
      const { status, stderr } = shell("exec >/dev/full;", [...fitted, "--flagged", "flagged.csv"], options);
      expect(stderr).toBe(
        "prorec: Can't write standard output: the disk is full.\n  Free some space or write to another disk.\n",
      );
      expect(status).toBe(3);
      expect(left()).toEqual([]);
    });

    const mountable = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
    it.skipIf(!mountable)(
      `on a disk that is full${mountable ? "" : " (skipped: can't mount one here)"}`,
      () => {
        const { options } = places();
        mkdirSync(join(options.cwd, "disk"));
        const script = 'mount -t tmpfs -o size=1M tmpfs disk; "$@"; echo "exit $?"; ls -A disk';
        const args = [...fitted, "-o", "disk/out.csv", "--flagged", "disk/flagged.csv"];
        const words = ["-rm", "sh", "-c", script, "sh", process.execPath, `${ROOT}dist/cli/main.js`, ...args];
        const { stdout, stderr } = spawnSync("unshare", words, { cwd: options.cwd, encoding: "utf8" });
        expect(stderr).toBe(
          "prorec: Can't write disk/out.csv: the disk is full.\n  Free some space or write to another disk.\n",
        );
        expect(stdout).toBe("exit 3\n");
      },
    );
  },
);
