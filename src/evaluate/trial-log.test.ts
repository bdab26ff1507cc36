import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Trial } from "./trial.ts";
import { openTrialLog } from "./trial-log.ts";

const folder = mkdtempSync(join(tmpdir(), "prorec-trials-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (content?: string) => {
  const path = join(folder, `${files++}.ndjson`);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};

const identity = { log: "abc", seed: 1, columns: null, settings: { tolerance: 0.001 } };
const trial = (factors: number): Trial => ({
  parameters: { factors },
  denoise: null,
  value: 1 / factors,
  runs: [1 / factors],
  failure: null,
});
const failed: Trial = {
  ...{ parameters: { factors: 9 }, denoise: { gamma: 0.1 }, value: null, runs: [] },
  failure: { code: "TOO_LARGE", message: "Too\nlarge" },
};

async function written(...trials: Trial[]): Promise<string> {
  const path = newFile();
  const log = await openTrialLog(path, identity);
  for (const each of trials) log.append(each);
  log.close();
  return path;
}

const reread = async (path: string) => {
  const log = await openTrialLog(path, identity);
  log.close();
  return log.finished;
};

describe("openTrialLog", () => {
  it("gives back what was appended, over several openings", async () => {
    const path = await written(trial(3), failed);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
    const log = await openTrialLog(path, identity);
    expect(log.finished).toEqual([trial(3), failed]);
    log.append(trial(7));
    log.close();
    expect(await reread(path)).toEqual([trial(3), failed, trial(7)]);
  });

  it("cuts off what a killed process left of a line, wherever it was killed", async () => {
    const whole = readFileSync(await written(trial(3), failed), "utf8");
    const starts = whole.split("\n").map((_, line, lines) => lines.slice(0, line).join("\n").length + 1);
    for (let length = 0; length < whole.length; length += 3) {
      const path = newFile(whole.slice(0, length));
      const log = await openTrialLog(path, identity);
      expect(log.finished).toHaveLength(length < starts[2]! ? 0 : 1);
      for (const each of [trial(3), failed].slice(log.finished.length)) log.append(each);
      log.close();
      expect(readFileSync(path, "utf8")).toBe(whole);
    }
  });

  it.each([
    ["seed", { ...identity, seed: 2 }, "its seed is 1, here it is 2"],
    ["log", { ...identity, log: "abd" }, 'its log is "abc", here it is "abd"'],
    ["settings", { ...identity, settings: { tolerance: 1 } }, "its settings is"],
    ["engine", { ...identity, engine: "simd128" }, 'its engine is nothing, here it is "simd128"'],
  ])("refuses another search by what differs: %s", async (column, other, message) => {
    const path = await written(trial(3));
    appendFileSync(path, '{"half');
    const before = readFileSync(path);
    await expect(openTrialLog(path, other)).rejects.toMatchObject({
      code: "INPUT_CHANGED",
      message: expect.stringContaining(message),
      details: { file: path, column },
    });
    expect(readFileSync(path)).toEqual(before);
  });

  it.each([
    ["user,item\na,x\n", "line 1, does not say which search"],
    ["a,x", "line 1, does not say which search"],
    ["null\n", "line 1, does not say which search"],
    ["\n", "line 1, does not say which search"],
    [`${JSON.stringify({ search: identity })}\n{}\n`, "line 2, is no finished trial"],
    [
      `${JSON.stringify({ search: identity })}\n{"par\n${JSON.stringify(trial(3))}\n`,
      "line 2, is no finished",
    ],
    [
      `${JSON.stringify({ search: identity })}\n{"parameters":{},"denoise":null,"runs":[],"value":"1"}\n`,
      "line 2",
    ],
  ])("leaves alone what is no such log: %j", async (content, message) => {
    const path = newFile(content);
    const opened = openTrialLog(path, identity);
    await expect(opened).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      message: expect.stringContaining(message),
    });
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it("says so where it can't read or write", async () => {
    await expect(openTrialLog(folder, identity)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    const nowhere = join(folder, "no", "trials.ndjson");
    await expect(openTrialLog(nowhere, identity)).rejects.toMatchObject({ code: "UNWRITABLE_FILE" });
  });
});
