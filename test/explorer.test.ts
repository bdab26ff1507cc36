import { existsSync, readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { absent, explore, reason, seriousProblems } from "./exploring.ts";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, oddLog, parseDelimited, readTable } from "./logs.ts";
import { prorec, start } from "./process.ts";
import { openChromium } from "./site.ts";

const folder = temporaryFolder();
const EVIL = `</script><img src=x onerror="document.title='owned'">`;
const rows = groupLog({
  users: 60,
  items: 40,
  name: (id) => (id === "u3" || id === "i5" ? `${EVIL}${id}` : id),
});
const log = folder.file("clicks.csv", delimited(rows));
const titles = rows.slice(1).map(([, item]) => [item!, `Title of ${item}`]);
const items = folder.file("items.csv", delimited([["item", "title"], ...titles]));

describe(`the explorer in Chromium${reason}`, { timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof explore>>;
  let origin = "";
  const said: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    if (absent) return;
    [server, browser] = await Promise.all([explore(log, "--items", items), openChromium()]);
    origin = new URL(server.address).origin;
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(server.address);
    await page.waitForSelector("h1");
  }, 120_000);
  afterAll(async () => {
    server?.running.process.kill("SIGINT");
    await browser?.close();
  });

  async function visit(view: string): Promise<void> {
    await page.goto(`${origin}/#/${view}`);
    await page.waitForSelector("main h1");
  }

  it.skipIf(absent)("opens once, and the address shows no token afterwards", async () => {
    expect(page.url()).toBe(`${origin}/`);
    expect(await page.locator("h1").textContent()).toMatch(/^\d+% of the \d[\d,]* clicks/);
    const another = await browser.newContext();
    const stranger = await another.newPage();
    expect((await stranger.goto(server.address))!.status()).toBe(401);
    expect((await stranger.goto(`${origin}/`))!.status()).toBe(401);
    await another.close();
  });

  it.skipIf(absent)("lists flagged rows, sorts, searches and explains them", async () => {
    await visit("rows");
    const first = page.locator(".table-row").first();
    await expect.poll(() => first.textContent()).toContain("Title of");
    const worst = await first.textContent();
    const flagged = await page.locator(".total").textContent();
    await page.getByRole("button", { name: "Match" }).click();
    await expect.poll(() => first.textContent()).not.toBe(worst);
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.getByRole("searchbox").fill("title of i7");
    const expected = rows.filter(([, item]) => item!.startsWith("i7")).length;
    await expect.poll(() => page.locator(".total").textContent()).toBe(`${expected} rows`);
    await page.getByRole("searchbox").fill("");
    await page.getByRole("button", { name: "Flagged", exact: true }).click();
    await expect.poll(() => page.locator(".total").textContent()).toBe(flagged);
    await page.waitForSelector(".table[aria-busy=false] .item-title");
    await page.locator(".table").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".panel .reason").textContent()).toMatch(/^Ranks \d+ of 40/);
    expect(await page.locator(".panel .sides h3").allTextContents()).toEqual([
      expect.stringContaining("Kept"),
      expect.stringContaining("Flagged"),
    ]);
    await page.locator(".panel").getByRole("button", { name: "Close" }).press("Escape");
    await expect.poll(() => page.locator(".panel").count()).toBe(0);
    expect(await page.evaluate("document.activeElement.className")).toBe("table");
  });

  it.skipIf(absent)("decides by key, also by keys pressed before the rows are there", async () => {
    await visit("users");
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/api/rows?*", (route) => released.then(() => route.continue()));
    await visit("rows");
    await page.locator(".table").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("k");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("r");
    expect(await page.locator(".table-row").count()).toBe(0);
    release();
    const file = () =>
      existsSync(`${log}.decisions.csv`) ? readFileSync(`${log}.decisions.csv`, "utf8") : "";
    await expect
      .poll(() =>
        parseDelimited(file())
          .map(([, , decision]) => decision)
          .toSorted(),
      )
      .toEqual(["decision", "keep", "remove"]);
    await expect
      .poll(() => page.locator(".table-row").nth(1).locator("[aria-pressed=true]").textContent())
      .toBe("Remove");
    expect(await page.locator(".table-row").first().locator("[aria-pressed=true]").textContent()).toBe(
      "Keep",
    );
    await page.unroute("**/api/rows?*");
  });

  it.skipIf(absent)("says why there is no verdict on a log this small", async () => {
    await visit("overview");
    await page.getByRole("button", { name: "Compute the verdict" }).click();
    await expect.poll(() => page.locator(".verdict .problem").textContent()).toContain("are too few");
  });

  it.skipIf(absent)("shows one user: another threshold relabels at once", async () => {
    await visit("users");
    await page.locator(".table-row").first().click();
    await page.waitForSelector(".curve svg");
    const labels = () => page.locator(".list .label").allTextContents();
    const before = await labels();
    await page.getByRole("slider").focus();
    await page.keyboard.press("End");
    await expect.poll(async () => new Set(await labels())).toEqual(new Set(["kept"]));
    expect(await page.locator(".slider-foot").textContent()).toContain("changed");
    await page.getByRole("button", { name: /^Back to/ }).click();
    await expect.poll(labels).toEqual(before);
    await page.getByRole("button", { name: "Fit again" }).click();
    await expect.poll(() => page.locator(".recommended").count()).toBe(2);
  });

  it.skipIf(absent)("lets a keyboard skip to the content, without a frame around all of it", async () => {
    await visit("rows");
    await page.reload();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const focused = "document.activeElement.id + ' ' + getComputedStyle(document.activeElement).outlineStyle";
    expect(await page.evaluate(focused)).toBe("main none");
  });

  it.skipIf(absent)("draws the matrix, zooms by key and names a pair", async () => {
    await visit("picture");
    const canvas = page.locator("canvas");
    const drawn = `(() => {
      const canvas = document.querySelector("canvas");
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      for (let at = 0; at < data.length; at += 4) colours.add(data[at] + "," + data[at + 1] + "," + data[at + 2]);
      return colours.size;
    })()`;
    await expect.poll(() => page.evaluate(drawn)).toBeGreaterThan(2);
    const size = page.locator("[role=status]");
    expect(await size.textContent()).toContain("60 users");
    await canvas.focus();
    await page.keyboard.press("+");
    await expect.poll(() => size.textContent()).not.toContain("60 users");
    await page.keyboard.press("0");
    await expect.poll(() => size.textContent()).toContain("60 users");
    await canvas.hover({ position: { x: 12, y: 12 } });
    await expect.poll(() => page.locator(".picture-cell a").count()).toBe(2);
  });

  it.skipIf(absent)("compares settings", async () => {
    await visit("settings");
    await page.getByLabel("γ, entropy").fill("2");
    await page.getByLabel("Transport").selectOption("sinkhorn");
    await page.getByRole("button", { name: "Compute" }).click();
    const result = page.locator(".list tbody tr").nth(1);
    await expect
      .poll(() => result.textContent(), { timeout: 30_000 })
      .toContain("γ 2, β 20, λ 0.5, sinkhorn");
  });

  it.skipIf(absent).each(["csv", "parquet"])("exports %s with what was decided", async (format) => {
    await visit("export");
    await page.getByLabel(format, { exact: false }).check();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    const path = folder.file(`export.${format}`);
    await download.saveAs(path);
    const table = await readTable(path);
    expect(table.map(({ user, item, rating, timestamp }) => [user, item, rating, timestamp])).toEqual(
      rows.slice(1),
    );
    const decided = parseDelimited(readFileSync(`${log}.decisions.csv`, "utf8")).slice(1);
    expect(decided).toHaveLength(2);
    for (const [user, item, decision] of decided) {
      const row = table.find((each) => each.user === user && each.item === item)!;
      expect([Number(row.weight), Number(row.noise)]).toEqual(decision === "keep" ? [1, 0] : [0, 1]);
    }
  });

  it.skipIf(absent).each(["light", "dark"] as const)(
    "axe finds nothing serious in %s, wide or narrow",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const width of [1400, 400]) {
        await page.setViewportSize({ width, height: 900 });
        for (const view of ["overview", "rows", "users", "user?id=3", "picture", "settings", "export"]) {
          await visit(view);
          await page.waitForTimeout(300);
          if (view === "rows") {
            await page.locator(".table-row").first().click();
            await page.waitForSelector(".panel .facts");
          }
          expect({ view, width, found: await seriousProblems(page) }).toEqual({ view, width, found: [] });
          const wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
          expect({ view, width, wide }).toEqual({ view, width, wide: false });
        }
      }
      await page.setViewportSize({ width: 1400, height: 900 });
    },
  );

  it.skipIf(absent)("shows ids that look like markup as text", async () => {
    const user = rows.slice(1).findIndex(([id]) => id!.endsWith("u3"));
    expect(user).toBeGreaterThan(0);
    await visit(`rows?show=all&search=${encodeURIComponent("onerror")}`);
    await expect.poll(() => page.locator(".table-row").first().textContent()).toContain("<img src=x");
    await page.locator(".table-row").first().click();
    await page.waitForSelector(".panel .facts");
    await page.locator(".panel h2 + p a").click();
    await page.waitForSelector(".curve svg");
    expect(await page.title()).not.toBe("owned");
    expect(await page.locator("img").count()).toBe(0);
  });

  it.skipIf(absent)("asked nobody but its own server, and nothing went wrong in the page", () => {
    expect(asked.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    expect(said).toEqual([]);
  });
});

describe.skipIf(absent)(`the verdict in the explorer${reason}`, { timeout: 240_000 }, () => {
  it("is what prorec diagnose says; it can be stopped, and stays once it is there", async () => {
    const odd = folder.file("odd.csv", delimited(oddLog()));
    const [{ running, address }, browser] = await Promise.all([explore(odd), openChromium()]);
    try {
      const page = await browser.newPage();
      await page.goto(address);
      const compute = page.getByRole("button", { name: "Compute the verdict" });
      await compute.click();
      await page.getByRole("button", { name: "Stop" }).click();
      await compute.waitFor();
      const lead = page.locator(".verdict-lead");
      await expect // the server may take a moment to notice that it was stopped, and refuse until then
        .poll(
          async () => {
            if (await compute.isVisible()) await compute.click();
            return lead.count();
          },
          { timeout: 120_000, interval: 500 },
        )
        .toBe(1);
      const { stdout } = await prorec(["diagnose", odd, "--quiet"]);
      const said = await page.locator(".verdict").innerText();
      for (const [effect] of stdout.matchAll(/[+-][\d.]+% \([+-][\d.]+% to [+-][\d.]+%\)/g)) {
        if (stdout.indexOf(effect) < stdout.indexOf("| base model")) expect(said).toContain(effect);
      }
      expect(said).toContain("machine");
      expect(said).toContain("pushed");
      await page.reload();
      await page.waitForSelector(".verdict-lead");
    } finally {
      running.process.kill("SIGINT");
      await browser.close();
    }
  });
});

describe("prorec explore", { timeout: 120_000 }, () => {
  it("opens a saved run, prints its address as JSON and ends by a signal", async () => {
    const run = folder.file("run");
    const made = await prorec([
      "denoise",
      log,
      "-o",
      folder.file("clean.csv"),
      "--save-run",
      run,
      "--factors",
      "8",
    ]);
    expect(made.exit).toBe(0);
    const running = start("dist/cli/main.js", ["explore", run, "--json"]);
    await running.hasSaid("Ctrl+C ends");
    const address = await new Promise<string>((resolve) => {
      let text = "";
      running.process.stdout!.on("data", (chunk) => {
        text += chunk;
        if (text.endsWith("}\n")) resolve(JSON.parse(text).address);
      });
    });
    const response = await fetch(address);
    const cookie = response.headers.get("set-cookie")!.split(";")[0]!;
    const ask = async (path: string) =>
      (await fetch(new URL(path, address), { headers: { cookie } })).json() as Promise<Record<string, never>>;
    const overview = await ask("/api/overview");
    expect(overview).toMatchObject({ kind: "run", users: 60, items: 40, report: { rows: rows.length - 1 } });
    const { rows: worst } = await ask("/api/rows?count=1");
    expect(worst).toHaveLength(1);
    const { ranks } = await ask("/api/users/0/curve");
    expect((ranks as unknown as number[]).at(-1)).toBe(40);
    running.process.kill("SIGINT");
    expect((await running.ended).exit).toBe(130);
  });

  it("refuses a folder that is no run, and options that have no effect on one", async () => {
    const empty = await prorec(["explore", folder.path]);
    expect([empty.exit, empty.stderr]).toEqual([3, expect.stringContaining("holds no finished run")]);
    const given = await prorec(["explore", folder.path, "--gamma", "1"]);
    expect([given.exit, given.stderr]).toEqual([
      2,
      expect.stringContaining("--gamma is about denoising a log"),
    ]);
  });

  it("warns where others can reach it", async () => {
    for (const [host, warns] of [
      ["0.0.0.0", true],
      ["127.0.0.1", false],
    ] as const) {
      const { running } = await explore(log, "--host", host);
      running.process.kill("SIGTERM");
      expect((await running.ended).stderr.includes(`Anyone who can reach ${host}`)).toBe(warns);
    }
  });
});
