import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { Cell, Workbench } from "./cell.ts";
import { claims } from "./claims.ts";
import { assertLogs } from "./logs.ts";
import { foundIn, runCells } from "./run-cells.ts";

const folder = mkdtempSync(join(tmpdir(), "prorec-cells-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bench: Workbench = {
  ...{ seeds: [1, 2], quick: false, data: folder, engine: "simd128" },
  log: () => Promise.reject(new Error("no log is needed")),
};

function counting(): { cells: Cell[]; computed: string[] } {
  const computed: string[] = [];
  const cells = ["t/a", "t/b", "t/c"].map((name) => ({
    name,
    logs: [],
    async compute() {
      computed.push(name);
      if (name === "t/b" && computed.length === 2) throw new Error("stopped");
      return { value: name };
    },
  }));
  return { cells, computed };
}

it("keeps each cell, goes on where it was stopped, and tells of what it computed", async () => {
  const { cells, computed } = counting();
  await expect(runCells(cells, folder, bench, () => {})).rejects.toThrow("stopped");
  expect(readdirSync(join(folder, "t"))).toEqual(["a.json"]);
  const told: string[] = [];
  await runCells(cells, folder, bench, (name) => told.push(name));
  expect(told).toEqual(["t/b", "t/c"]);
  expect(computed).toEqual(["t/a", "t/b", "t/b", "t/c"]);
  expect(foundIn(folder)("t/c")).toMatchObject({
    ...{ value: "t/c", seeds: [1, 2], quick: false },
    machine: { node: process.version, engine: "simd128" },
    seconds: { cpu: expect.any(Number) },
  });
});

it("refuses a folder of other seeds before it computes anything", async () => {
  const { cells, computed } = counting();
  await runCells(cells.slice(2), folder, bench, () => {});
  await expect(runCells(cells, folder, { ...bench, seeds: [1] }, () => {})).rejects.toMatchObject({
    code: "INPUT_CHANGED",
    message: expect.stringContaining("seeds 1 2, not with seeds 1"),
  });
  expect(computed).toEqual(["t/c"]);
});

it("names a broken file", async () => {
  const { cells } = counting();
  await runCells(cells.slice(2), folder, bench, () => {});
  writeFileSync(join(folder, "t/c.json"), "{");
  expect(() => foundIn(folder)("t/c")).toThrow(expect.objectContaining({ code: "CORRUPT_FILE" }));
});

it("names all logs that are missing, and what gets them", () => {
  expect(() => assertLogs(folder, ["atoy", "amusic", "yahoo-shaped"])).toThrow(
    expect.objectContaining({
      code: "UNREADABLE_FILE",
      message: expect.stringMatching(/lacks atoy\/ratings\.tsv, amusic\/ratings\.tsv/),
      hint: expect.stringContaining("prorec datasets get"),
    }),
  );
});

it("has a row for every claim while nothing is measured", async () => {
  const { markdown, data } = await claims.render(() => undefined, false);
  expect((data as { verdict: string }[]).every(({ verdict }) => verdict === "open")).toBe(true);
  expect(markdown.match(/\*\*open\*\*/g)?.length).toBe((data as unknown[]).length);
});

it("keeps the parts of a cell that was stopped, with their time, until it is whole", async () => {
  const worked: string[] = [];
  let stopped = false;
  const cell: Cell = {
    name: "t/parts",
    logs: [],
    async compute({ keep }) {
      const part = (name: string) =>
        keep(name, async () => {
          worked.push(name);
          const end = process.cpuUsage().user + 30_000;
          while (process.cpuUsage().user < end);
          return { values: Float64Array.of(1 / 3, Number.NaN) };
        });
      const first = await part("first");
      if (!stopped) {
        stopped = true;
        throw new Error("stopped");
      }
      return { values: [...first.values, ...(await part("second")).values].map(String) };
    },
  };
  await expect(runCells([cell], folder, bench, () => {})).rejects.toThrow("stopped");
  expect(readdirSync(join(folder, "t"))).toEqual(["parts.parts"]);
  await runCells([cell], folder, bench, () => {});
  expect(worked).toEqual(["first", "second"]);
  const stored = foundIn(folder)<{ values: string[] }>("t/parts")!;
  expect(stored.values).toEqual([String(1 / 3), "NaN", String(1 / 3), "NaN"]);
  expect(stored.seconds.cpu).toBeGreaterThan(0.059);
  expect(readdirSync(join(folder, "t"))).toEqual(["parts.json"]);
});
