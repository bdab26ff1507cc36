import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { prorec } from "./process.ts";
import { noChromium, noChromiumReason, openChromium } from "./site.ts";

const EVIL = `</script><script>document.title = "taken"</script><img src=https://example.com/x onerror=alert(1)>"'&`;

describe("--report", () => {
  const folder = temporaryFolder();
  const rows = Array.from({ length: 400 }, (_, at) => [
    `u${at % 40}`,
    at % 7 === 0 ? EVIL : `i${(at * 11) % 31}`,
  ]);
  const log = folder.file(
    "clicks.ndjson",
    rows.map(([user, item]) => `${JSON.stringify({ user, item })}\n`).join(""),
  );
  const pages = { denoise: `${folder.path}/denoise.html`, evaluate: `${folder.path}/evaluate.html` };
  const text = (page: keyof typeof pages) => readFileSync(pages[page], "utf8");

  beforeAll(async () => {
    const options = ["--model", "svd", "--factors", "5"];
    const denoised = await prorec([
      "denoise",
      log,
      "-o",
      `${folder.path}/clean.csv`,
      "--report",
      pages.denoise,
      ...options,
    ]);
    expect(denoised.exit, denoised.stderr).toBe(0);
    const evaluated = await prorec(["evaluate", log, "--runs", "2", "--report", pages.evaluate, ...options]);
    expect(evaluated.exit, evaluated.stderr).toBe(0);
  });

  it.each(["denoise", "evaluate"] as const)(
    "%s: one file without scripts, links to elsewhere or live ids",
    (page) => {
      const tags = text(page)
        .match(/<[^<>]*>/g)!
        .join("\n"); // texts have no < of their own
      expect(tags).not.toMatch(/<(script|img|iframe|object|link(?! rel="icon" href="data:,"))/i);
      expect(tags).not.toMatch(/\s(on\w+|src|srcset)\s*=|href\s*=\s*"(?!data:|#)/i);
      expect(text(page)).not.toMatch(/@import|url\((?!#)/);
    },
  );

  it("shows the log, the verdict, thresholds, examples with their reasons and the settings", () => {
    const page = text("denoise");
    for (const title of [
      "The data",
      "Matches",
      "Where a row is split",
      "How it was done",
      "What the names mean",
    ]) {
      expect(page).toContain(`<h2>${title}</h2>`);
    }
    expect(page.match(/kappa \d+<\/text>/g)!.length).toBeGreaterThan(3);
    expect(page).toContain("for this user, whose best");
    expect(page).toContain("svd: factors 5");
  });

  it("defines every metric and every control", async () => {
    const { stdout } = await prorec(["metrics", "--json"]);
    const page = text("evaluate");
    for (const definition of Object.values<string>(JSON.parse(stdout)))
      expect(page).toContain(`<dd>${definition.replace(">", "&#62;")}</dd>`);
    expect(page).toContain("<dt>user-balance</dt><dd>Control:");
  });

  it("is the same for the same seed", async () => {
    const again = `${folder.path}/again.html`;
    const { exit } = await prorec([
      "denoise",
      log,
      "-o",
      `${folder.path}/clean2.csv`,
      "--report",
      again,
      "--model",
      "svd",
      "--factors",
      "5",
    ]);
    expect(exit).toBe(0);
    expect(readFileSync(again, "utf8")).toBe(text("denoise"));
  });

  it("refuses, before any work, what it can't write, and the calibrated mode", async () => {
    const { exit, stderr } = await prorec([
      "denoise",
      log,
      "-o",
      `${folder.path}/x.csv`,
      "--report",
      `${folder.path}/x.csv`,
    ]);
    expect([exit, stderr]).toEqual([3, expect.stringContaining("are the same file")]);
    const calibrated = await prorec([
      "denoise",
      log,
      "--mode",
      "calibrated",
      "--report",
      `${folder.path}/y.html`,
    ]);
    expect([calibrated.exit, calibrated.stderr]).toEqual([
      2,
      expect.stringContaining("--report belongs to --mode paper"),
    ]);
  });

  describe.skipIf(noChromium)(`in Chromium${noChromiumReason}`, () => {
    let browser: Awaited<ReturnType<typeof openChromium>>;
    beforeAll(async () => {
      browser = await openChromium();
    });
    afterAll(() => browser?.close());

    it.each(["denoise", "evaluate"] as const)(
      "%s: asks for nothing, runs nothing, fits a phone in light and dark",
      async (name) => {
        for (const colorScheme of ["light", "dark"] as const) {
          const page = await browser.newPage({ viewport: { width: 400, height: 800 }, colorScheme });
          const asked: string[] = [];
          page.on("request", (request) => asked.push(request.url()));
          await page.goto(`file://${pages[name]}`);
          expect(asked).toEqual([`file://${pages[name]}`]);
          expect(await page.title()).not.toBe("taken");
          expect(
            await page.evaluate("document.documentElement.scrollWidth - innerWidth"),
          ).toBeLessThanOrEqual(0);
          expect(await page.locator("svg text").count()).toBeGreaterThan(10);
          await page.close();
        }
      },
    );
  });
});
