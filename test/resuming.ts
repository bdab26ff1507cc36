import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readContainer } from "../src/io/container.ts";
import { prorec, type Running, start } from "./process.ts";

const OUTPUTS = ["-o", "out.csv", "--flagged", "flagged.csv", "--save-run", "run"];

/** One denoise, run whole once and then stopped and gone on with in folders of their own under `root`. */
export async function wholeRun(root: string, ...args: string[]) {
  const command = ["denoise", ...args, ...OUTPUTS, "--quiet"];
  const newFolder = () => mkdtempSync(join(root, "run-"));
  const cwd = newFolder();
  const started = performance.now();
  const ended = await prorec(command, { cwd });
  expect(ended).toEqual({ exit: 0, stdout: "", stderr: "" });
  const expected = outputsIn(cwd);
  return {
    milliseconds: performance.now() - started,
    files: Object.keys(expected),
    /** Starts it anew, lets `stop` end it, checks what it left, and goes on. */
    async stopped(stop: (running: Running) => Promise<void>, environment: Record<string, string> = {}) {
      const cwd = newFolder();
      const running = start("dist/cli/main.js", command, { cwd, environment });
      await stop(running);
      const { exit } = await running.ended;
      await expectWhole(cwd, expected);
      const left = existsSync(join(cwd, "run")) ? readdirSync(join(cwd, "run")) : [];
      const resumed = await prorec([...command, "--resume"], { cwd });
      expect(resumed, `after ${left.join(", ")}`).toEqual({ exit: 0, stdout: "", stderr: "" });
      expect(outputsIn(cwd)).toEqual(expected);
      return { exit, left };
    },
  };
}

type Outputs = Record<string, unknown>;

/** All outputs: a digest of each file's bytes; `run.json` without what a stopwatch says. */
function outputsIn(cwd: string): Outputs {
  const visible = readdirSync(cwd, { recursive: true, encoding: "utf8" })
    .filter((file) => file !== "run" && !/^\.[^/]*\.tmp$/.test(file)) // hidden: what a killed program could not remove
    .sort();
  return Object.fromEntries(visible.map((file) => [file, contentOf(join(cwd, file))]));
}

function contentOf(path: string): unknown {
  const bytes = readFileSync(path);
  if (!path.endsWith("run.json")) return createHash("sha256").update(bytes).digest("hex");
  const { seconds, memory, ...rest } = JSON.parse(bytes.toString());
  return { ...rest, estimatedBytes: memory.estimatedBytes };
}

/** Whatever stands under a final name is whole. */
async function expectWhole(cwd: string, expected: Outputs): Promise<void> {
  for (const [file, content] of Object.entries(outputsIn(cwd))) {
    const interim = /^run\/(fit|round|training-\d)\.prorec$/.exec(file);
    if (interim) await readContainer(join(cwd, file), interim[1]!.replace(/training-.*/, "checkpoint"));
    else if (!/^run\/\..*\.tmp$/.test(file)) expect({ [file]: content }).toEqual({ [file]: expected[file] });
  }
}
