import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type ProgressStream, reportProgress } from "./progress.ts";

function stream(isTTY: boolean): ProgressStream & { text(): string } {
  const chunks: string[] = [];
  const through = new PassThrough().on("data", (chunk) => chunks.push(String(chunk)));
  return Object.assign(through, { isTTY, columns: 100, text: () => chunks.join("") });
}

describe("as lines", () => {
  it("tells each stage's start and end, and at most one line a second between", () => {
    const out = stream(false);
    let clock = 0;
    const report = reportProgress(out, {}, () => clock);
    for (let done = 0; done <= 1000; done++, clock += 5) report.update({ stage: "fit", done, total: 1000 });
    report.update({ stage: "transport", done: 0, total: 2 });
    report.update({ stage: "transport", done: 2, total: 2 });
    report.update({ stage: "fit", done: 0, total: 1 });
    report.end();
    expect(out.text().split("\n")).toEqual([
      "prorec: fit ...",
      "prorec: fit: 20%, 200/s, 4 s left",
      "prorec: fit: 40%, 200/s, 3 s left",
      "prorec: fit: 60%, 200/s, 2 s left",
      "prorec: fit: 80%, 200/s, 1 s left",
      "prorec: fit: done in 5.0 s",
      "prorec: transport ...",
      "prorec: transport: done in 0.0 s",
      "prorec: fit ...",
      "",
    ]);
  });

  it("ends an empty stage once and starts a repeated one anew", () => {
    const out = stream(false);
    const report = reportProgress(out, {}, () => 0);
    report.update({ stage: "read", done: 0, total: 0 });
    report.update({ stage: "read", done: 0, total: 0 });
    report.update({ stage: "read", done: 0, total: 1 });
    report.update({ stage: "read", done: 1, total: 1 });
    expect(out.text().match(/done/g)).toHaveLength(2);
    expect(out.text().match(/\.\.\./g)).toHaveLength(2);
  });

  it("escapes stages and notes", () => {
    const out = stream(false);
    const report = reportProgress(out, {}, () => 0);
    report.update({ stage: "user \u001b[2J", done: 0, total: 1 });
    report.note("item \u009b31m\nnext");
    expect(out.text()).toBe("prorec: user \\u{1b}[2J ...\nprorec: item \\u{9b}31m\\nnext\n");
  });
});

it("tells with timings how long each stage took, those that came back added up", () => {
  const out = stream(false);
  let clock = 0;
  const report = reportProgress(out, { timings: true }, () => clock);
  for (const [stage, ms] of [
    ["fit", 1500],
    ["rows", 250],
    ["fit", 500],
  ] as const) {
    clock += 100;
    report.update({ stage, done: 0, total: 1 });
    clock += ms;
    report.update({ stage, done: 1, total: 1 });
  }
  report.end();
  expect(out.text().split("\n").slice(-5)).toEqual([
    "prorec: fit                2.00 s",
    "prorec: rows               0.25 s",
    "prorec: outside these      0.30 s",
    "prorec: in all             2.55 s",
    "",
  ]);
});

describe("as bars on a terminal", () => {
  it("draws one bar a stage, makes way for notes and uses no colour", async () => {
    const out = stream(true);
    let clock = 0;
    const report = reportProgress(out, {}, () => clock);
    report.update({ stage: "fit", done: 0, total: 4 });
    report.note("factors reduced to 3");
    clock = 8000;
    report.update({ stage: "fit", done: 2, total: 4 });
    await pause(150); // for the bar to be drawn, which it is a few times a second
    report.update({ stage: "fit", done: 4, total: 4 });
    report.update({ stage: "write", done: 1, total: 2 });
    report.end();
    const text = out.text();
    expect(text).toMatch(/fit \[=+-+\] 50% .* \| 0.25\/s, 8 s left/);
    expect(text).toMatch(/fit \[-+\] 0%.*\n.*prorec: factors reduced to 3\n/s);
    expect(text).toMatch(/fit \[=+\] 100%.*\n.*write \[=+-+\] 50%.*\n/s);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequence of colours
    expect(text).not.toMatch(/\x1b\[[\d;]*m/);
  });
});

it("says nothing when quiet", () => {
  for (const isTTY of [true, false]) {
    const out = stream(isTTY);
    const report = reportProgress(out, { quiet: true, timings: true });
    report.update({ stage: "fit", done: 0, total: 4 });
    report.note("factors reduced to 3");
    report.end();
    expect(out.text()).toBe("");
  }
});
