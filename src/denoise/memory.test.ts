import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { denoiseBytes } from "./memory.ts";

const growth = JSON.parse(readFileSync(new URL("../../bench/results/growth.json", import.meta.url), "utf8"));

it.each(
  growth as { part: string; shape: Record<string, number>; threads: number; memory: { peakBytes: number } }[],
)(
  "is within a quarter of the peak that was measured on $part of Yahoo's shape",
  ({ shape, threads, memory }) => {
    const { users, items, interactions } = shape;
    const matrix = { rows: users!, columns: items!, indices: { length: interactions! } };
    const ratio = denoiseBytes(matrix, 100, true, threads) / memory.peakBytes;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.25);
  },
);
