import { readFileSync } from "node:fs";
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, oddLog } from "./logs.ts";
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
  const odd = folder.file(
    "odd.csv",
    delimited(oddLog({ machine: EVIL, pushed: `${EVIL}2`, users: 400, accidents: 3 })),
  );
  const PAGES = ["denoise", "calibrated", "auto", "evaluate", "diagnose"] as const;
  const pages = Object.fromEntries(PAGES.map((name) => [name, `${folder.path}/${name}.html`])) as Record<
    (typeof PAGES)[number],
    string
  >;
  const said: Partial<Record<(typeof PAGES)[number], string>> = {};
  const text = (page: keyof typeof pages) => readFileSync(pages[page], "utf8");

  beforeAll(async () => {
    const make = async (name: (typeof PAGES)[number], ...args: string[]) => {
      const { exit, stdout, stderr } = await prorec([...args, "--report", pages[name]]);
      expect(exit, stderr).toBe(0);
      said[name] = stdout;
    };
    const options = ["--model", "svd", "--factors", "5"];
    const clean = ["-o", `${folder.path}/clean.csv`, "--json"];
    await make("denoise", "denoise", log, ...options, ...clean);
    await make("calibrated", "denoise", odd, "--mode", "calibrated", ...clean);
    await make("auto", "denoise", odd, "--mode", "auto", ...options, ...clean);
    await make("evaluate", "evaluate", log, "--runs", "2", ...options);
    await make("diagnose", "diagnose", odd, "--json");
  }, 180_000);

  it.each(PAGES)("%s: one file without scripts, links to elsewhere or live ids", (page) => {
    const tags = text(page)
      .match(/<[^<>]*>/g)!
      .join("\n"); // texts have no < of their own
    expect(tags).not.toMatch(/<(script|img|iframe|object|link(?! rel="icon" href="data:,"))/i);
    expect(tags).not.toMatch(/\s(on\w+|src|srcset)\s*=|href\s*=\s*"(?!data:|#)/i);
    expect(text(page)).not.toMatch(/@import|url\((?!#)/);
  });

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

  it("calibrated: the rate, what more flags would cost, the most suspicious with their reasons", () => {
    const { rate, flagged, interactions } = JSON.parse(said.calibrated!);
    expect(flagged).toBeGreaterThan(0);
    const page = text("calibrated");
    const shares = [rate.estimate, rate.low, rate.high].map((share) => `${(100 * share).toFixed(1)}%`);
    expect(page).toContain(`About ${shares[0]} of the clicks are accidental (${shares[1]} to ${shares[2]})`);
    expect(page).toContain(`${flagged} of ${interactions.toLocaleString("en")} flagged`);
    expect(page).toContain("What flagging more would cost");
    expect(page.match(/Accidental with probability/g)).toHaveLength(Math.min(20, flagged));
    expect(page).toContain("--mode auto asks first");
  });

  it("auto: what the gate found, each effect beside its control", () => {
    const { gate, ran } = JSON.parse(said.auto!);
    const page = text("auto");
    for (const { verdict, t } of [
      gate.denoising,
      gate.overRandomRemoval,
      gate.overShuffled,
      gate.userBalance,
    ]) {
      const figures = `<td class="number">${t.toFixed(1).replace(/^(-?)0\./, "$1.")}</td>`;
      expect(page).toContain(
        `${figures}<td class="number">${gate.denoising.users}</td><td class="text">${verdict}`,
      );
    }
    expect(page.includes("left as they are")).toBe(ran === "none");
  });

  it("diagnose: the verdict with its controls, the rate, every base, odd users and items, what to run", () => {
    const { accidents, bases, next, userBalance } = JSON.parse(said.diagnose!);
    const page = text("diagnose");
    expect(page).toContain(`<dd>${(100 * accidents.estimate).toFixed(1)}%</dd>`);
    expect(page).toContain(`<span class="muted">against</span> ${userBalance.control}`);
    for (const { model, ndcg } of bases) {
      expect(page).toContain(`<td class="text">${model}`);
      expect(page).toContain(`<td class="number">${ndcg.toFixed(4).replace(/^0/, "")}</td>`);
    }
    expect(page).toContain(`<code>${next.commandLine}`);
    // A user like a bot, and an item with a burst, are shown to their 80th character.
    expect(page.split(`<bdi class="id">&#60;/script&#62;&#60;script&#62;document.title`)).toHaveLength(3);
  });

  it("refuses, before any work, what it can't write", async () => {
    const { exit, stderr } = await prorec([
      "denoise",
      log,
      "-o",
      `${folder.path}/x.csv`,
      "--report",
      `${folder.path}/x.csv`,
    ]);
    expect([exit, stderr]).toEqual([3, expect.stringContaining("are the same file")]);
    const own = await prorec(["diagnose", odd, "--report", odd]);
    expect([own.exit, own.stderr]).toEqual([3, expect.stringContaining("inputs are never overwritten")]);
  });

  describe.skipIf(noChromium)(`in Chromium${noChromiumReason}`, () => {
    let browser: Awaited<ReturnType<typeof openChromium>>;
    beforeAll(async () => {
      browser = await openChromium();
    });
    afterAll(() => browser?.close());

    it.each(PAGES)(
      "%s: asks for nothing, runs nothing, fits a phone in light and dark, and axe finds nothing",
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
          await page.evaluate(axe.source);
          const { violations } = (await page.evaluate("axe.run()")) as axe.AxeResults;
          expect(violations.map(({ id, nodes }) => [id, nodes[0]!.html])).toEqual([]);
          await page.close();
        }
      },
    );
  });
});
