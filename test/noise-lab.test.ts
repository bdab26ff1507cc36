import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const run = (...args: string[]) => prorec(args, { cwd: folder.path });

interface Cell {
  readonly kind: string;
  readonly noiseShare: number;
  readonly rocAuc: number;
  readonly estimated: { readonly estimate: number };
  readonly flags: { readonly fdr: number; readonly flaggedShare: number }[];
  readonly reliability: { readonly clicks: number; readonly mean: number }[];
  readonly ndcg: { readonly noisy: number; readonly denoised: number; readonly oracle: number };
}

describe("noise lab", () => {
  it("measures every kind at every rate, draws it, and names what is not found", async () => {
    await run(..."synth --users 150 --items 120 --interactions 3000 --seed 5 -o log.csv".split(" "));
    const asked = ["noise", "lab", "log.csv", "--kinds", "add,merged", "--rates", ".05,.2", "--quiet"];
    const { exit, stdout, stderr } = await run(...asked, "-o", "lab.svg", "--json");
    expect(exit, stderr).toBe(0);
    const { clean, cells, notFound }: { clean: { ndcg: number }; cells: Cell[]; notFound: string[] } =
      JSON.parse(stdout);
    expect(cells.map(({ kind }) => kind)).toEqual(["add", "add", "merged", "merged"]);
    expect(clean.ndcg).toBeGreaterThan(0);
    for (const { noiseShare, rocAuc, flags, reliability } of cells) {
      expect(noiseShare).toBeGreaterThan(0.02);
      expect(rocAuc).toBeGreaterThan(0.3);
      const shares = flags.map(({ flaggedShare }) => flaggedShare);
      expect(shares).toEqual([...shares].sort((left, right) => left - right));
      for (const [bin, { clicks, mean }] of reliability.entries()) {
        if (clicks > 0) expect(Math.abs(mean - (bin + 0.5) / 10)).toBeLessThan(0.0501);
      }
    }
    expect(cells[1]!.rocAuc).toBeGreaterThan(0.75);
    expect(cells[1]!.estimated.estimate).toBeGreaterThan(cells[0]!.estimated.estimate);
    expect(cells[1]!.ndcg.noisy).toBeLessThan(clean.ndcg);
    expect(cells[3]!.rocAuc).toBeLessThan(0.75);
    expect(notFound.join(" ")).toContain("merged");

    const text = readFileSync(folder.file("lab.svg"), "utf8");
    const { document } = parseHTML(text);
    const svg = document.querySelector("svg")!;
    expect(svg.getAttribute("viewBox")).toMatch(/^0 0 480 \d+$/);
    expect(svg.querySelectorAll(":scope > svg")).toHaveLength(4);
    expect(svg.querySelector("title")!.textContent).toContain("2 kinds");
    expect(text).not.toMatch(/NaN|undefined/);
  }, 120_000);

  it("refuses a picture that is none, and kinds that are none", async () => {
    expect((await run("noise", "lab", "log.csv", "-o", "lab.png")).exit).toBe(2);
    const { exit, stderr } = await run("noise", "lab", "log.csv", "--kinds", "add,bot");
    expect(exit).toBe(2);
    expect(stderr).toContain("bots");
  });
});
