import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { prorec } from "./process.ts";
import { folderWith } from "./refusals.ts";

/** 60 users who take every third item or so. */
const rows = Array.from({ length: 60 * 40 }, (_, at) => [Math.floor(at / 40), at % 40] as const).filter(
  ([user, item]) => (user * 7 + item * 11 + ((user * item) % 5)) % 3 === 0,
);
const log = `user,item\n${rows.map(([user, item]) => `u${user},i${item}\n`).join("")}`;
const command = ["denoise", "log.csv", "-o", "out.csv", "--model", "svd", "--factors", "8", "--json"];

describe.concurrent("denoise --transport", () => {
  it.each([
    { transport: "sinkhorn", threshold: "personal", mass: 1 },
    { transport: "emd", threshold: "global:5", mass: 1 },
    { transport: "fixed-mass", threshold: "observed", mass: 0.7, more: ["--mass", ".7"] },
    { transport: "unbalanced", threshold: "personal", mass: undefined },
  ])("$transport with the threshold $threshold", async ({ transport, threshold, mass, more = [] }) => {
    const folder = folderWith({ "log.csv": log });
    const args = ["--transport", transport, "--threshold", threshold, ...more];
    const { exit, stdout } = await prorec([...command, ...args], { cwd: folder });
    expect(exit).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({
      transport,
      threshold,
      marginals: transport === "emd" ? "uniform" : "popularity",
    });
    if (mass !== undefined) expect(summary.planMass).toBeCloseTo(mass, 5);
    const { solver } = summary;
    const exact = transport === "emd" || transport === "fixed-mass";
    expect(solver.status).toBe(exact ? "optimal" : "converged");
    expect(solver.iterations).toBeGreaterThan(0);
    if (exact) expect(Math.abs(solver.gap)).toBeLessThan(1e-9);
    else expect(solver.gap).toBeNull();
    if (transport === "sinkhorn" || transport === "emd") expect(solver.marginalError).toBeLessThan(1e-5);
    else expect(solver.marginalError).toBeGreaterThan(0.001);
    expect(solver.notes).toEqual([]);
    expect(readFileSync(join(folder, "out.csv"), "utf8").trim().split("\n")).toHaveLength(rows.length + 1);
  });

  it.each(["sinkhorn", "unbalanced"])(
    "ends with exit 4 where %s does not converge, and writes nothing",
    async (transport) => {
      const folder = folderWith({ "log.csv": log });
      const args = ["--transport", transport, "--gamma", "1e-9"];
      const { exit, stderr } = await prorec([...command, ...args], { cwd: folder });
      expect(exit).toBe(4);
      expect(stderr).toContain("marginals off by");
      expect(() => readFileSync(join(folder, "out.csv"))).toThrow("ENOENT");
    },
  );

  it.each(["emd", "fixed-mass"])(
    "refuses %s with figures where the pairs don't fit: exit 5, before any work",
    async (transport) => {
      const users = Array.from({ length: 120_000 }, (_, user) => `u${user},i${(user * 7) % 40_000}\n`);
      const folder = folderWith({ "log.csv": `user,item\n${users.join("")}` });
      const { exit, stderr } = await prorec([...command, "--transport", transport], { cwd: folder });
      expect(exit).toBe(5);
      expect(stderr).toContain("120,000 x 40,000 pairs");
      expect(stderr).toMatch(/needs about [\d,]+ MB of memory, 19,200 MB of them in one piece/);
      expect(stderr).toContain("sinkhorn or relaxed");
      expect(() => readFileSync(join(folder, "out.csv"))).toThrow("ENOENT");
    },
  );

  it.each([
    ["--mass", "fixed-mass"],
    ["--marginal-penalty", "unbalanced"],
  ])("refuses %s without its own transport, %s", async (option, transport) => {
    for (const other of [[], ["--transport", "emd"]]) {
      const folder = folderWith({ "log.csv": log });
      const { exit, stderr } = await prorec([...command, option, ".7", ...other], { cwd: folder });
      expect(exit).toBe(2);
      expect(stderr).toContain(`${option} belongs to --transport ${transport}`);
    }
  });

  it("ends with exit 2 for a transport or mass that is none", async () => {
    for (const args of [
      ["--transport", "sinkhron"],
      ["--transport", "fixed-mass", "--mass", "1.5"],
    ]) {
      const { exit } = await prorec([...command, ...args], { cwd: folderWith({ "log.csv": log }) });
      expect(exit).toBe(2);
    }
  });
});
