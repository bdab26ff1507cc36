import { appendFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { absent, CHROMIUM, explore, reason } from "./exploring.ts";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const log = folder.file("clicks.csv", delimited(groupLog({ users: 60, items: 40 })));

describe.skipIf(absent)(`the explorer as people use it${reason}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof explore>>;
  let origin = "";
  const thrown: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([
      explore(log),
      chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] }),
    ]);
    origin = new URL(server.address).origin;
    page = await tab();
    await page.goto(server.address);
    await page.waitForSelector("h1");
  }, 60_000);
  afterAll(async () => {
    server.running.process.kill("SIGINT");
    await browser.close();
    expect(thrown).toEqual([]);
  });

  async function tab(): Promise<Page> {
    const made = await (page?.context() ?? (await browser.newContext())).newPage();
    made.on("pageerror", (error) => thrown.push(String(error)));
    return made;
  }

  async function visit(view: string, where = page): Promise<void> {
    await where.goto(`${origin}/#/${view}`);
    await where.waitForSelector("main");
  }

  const first = (where = page) => where.locator(".table-row").first();

  it("the printed address, followed again in the same browser, leads in", async () => {
    const again = await tab();
    expect((await again.goto(server.address))!.status()).toBe(200);
    await again.waitForSelector("h1");
    expect(again.url()).toBe(`${origin}/`);
    await again.close();
  });

  it("order and place outlast a reload and the way back", async () => {
    await visit("rows?show=all");
    await page.getByRole("button", { name: "Rank" }).click();
    await expect.poll(() => page.locator("[aria-sort=descending]").textContent()).toContain("Rank");
    await page.waitForSelector(".table[aria-busy=false] .item-title");
    const text = await first().textContent();
    await page.reload();
    await expect.poll(() => first().textContent()).toBe(text);
    await page.locator(".table").focus();
    await page.keyboard.press("PageDown");
    await page.keyboard.press("PageDown");
    await page.keyboard.press("Enter");
    const scrolled = () => page.evaluate("document.querySelector('.table').scrollTop") as Promise<number>;
    await expect.poll(scrolled).toBeGreaterThan(0);
    const before = await scrolled();
    await page.locator(".panel h2 + p a").click();
    await page.waitForSelector(".curve svg");
    await page.goBack();
    await expect.poll(() => page.locator("[aria-sort=descending]").textContent()).toContain("Rank");
    await expect.poll(scrolled).toBe(before);
  });

  it("a decision shows in the other tab at once", async () => {
    await visit("rows?show=all");
    const other = await tab();
    await visit("rows?show=all", other);
    for (const each of [page, other]) await each.waitForSelector(".table[aria-busy=false] .item-title");
    const pressed = first(other).locator("[aria-pressed=true]");
    await first().getByRole("button", { name: "Remove" }).click();
    await expect.poll(() => pressed.allTextContents()).toEqual(["Remove"]);
    await first().getByRole("button", { name: "Remove" }).click();
    await expect.poll(() => pressed.count()).toBe(0);
    await other.close();
  });

  it("many decisions at once are taken back at once, to what was before", async () => {
    await visit("user?id=3");
    await page.waitForSelector(".curve svg");
    const chosen = page.locator(".list [aria-pressed=true]");
    await page.locator(".list").getByRole("button", { name: "Remove" }).last().click();
    await expect.poll(() => chosen.allTextContents()).toEqual(["Remove"]);
    await page.getByRole("slider").focus();
    await page.keyboard.press("End");
    await page.getByRole("button", { name: "Decide so by hand" }).click();
    await expect.poll(() => chosen.count()).toBeGreaterThan(1);
    await page.getByRole("button", { name: "Take back" }).click();
    await expect.poll(() => chosen.allTextContents()).toEqual(["Remove"]);
    await chosen.click();
    await expect.poll(() => chosen.count()).toBe(0);
  });

  it("an address that names nothing says so, and the page goes on", async () => {
    for (const view of ["user", "user?id=x", "user?id=99999", "rows?item=99999"]) {
      await visit(view);
      await expect.poll(() => page.locator("[role=alert]").textContent()).toContain("must be a whole number");
    }
    await visit("rows");
    await page.waitForSelector(".table[aria-busy=false] .item-title");
    expect(await page.locator("[role=alert]").count()).toBe(0);
    await page.getByRole("searchbox").fill("nobody is called so");
    await expect.poll(() => page.locator(".table-empty").textContent()).toBe("No rows are like that.");
  });

  it("a download that can't be made says why", async () => {
    appendFileSync(log, "another,row,1,1\n");
    await visit("export");
    await page.getByRole("link", { name: "Download" }).click();
    await expect.poll(() => page.locator("body").textContent()).toContain("clicks.csv changed");
    await page.goBack();
    await page.waitForSelector("main h1");
  });

  it("says that the server has ended, wherever one is", async () => {
    await visit("rows?show=kept");
    await page.waitForSelector(".table[aria-busy=false] .item-title");
    const other = await tab();
    await visit("export", other);
    await other.waitForSelector("main h1");
    server.running.process.kill("SIGINT");
    expect((await server.running.ended).stderr).toMatch(
      /Stopped by SIGINT; no unfinished files are left\.\n$/,
    );
    const alert = (where: Page) => where.locator("[role=alert]").textContent();
    await page.getByRole("searchbox").fill("u1");
    await expect.poll(() => alert(page)).toContain("The server does not answer.");
    await other.getByRole("link", { name: "Download" }).click();
    await expect.poll(() => alert(other)).toContain("The server does not answer.");
    await other.getByRole("link", { name: "Users" }).click();
    await expect.poll(() => alert(other)).toContain("The server does not answer.");
  });
});

describe.skipIf(absent)(`ids and titles that look like markup${reason}`, { timeout: 60_000 }, () => {
  const MARKUP = `</script><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const rows = groupLog({ users: 60, items: 40, name: (id) => `${MARKUP}${id}` });
  const evil = folder.file("evil.csv", delimited(rows));
  const titles = rows.slice(1).map(([, item]) => [item!, `${MARKUP} title`]);
  const items = folder.file("evil-items.csv", delimited([["item", "title"], ...titles]));

  it.each([
    ["ids", []],
    ["titles", ["--items", items]],
  ])("%s stand as text in every view", async (_, options) => {
    const { running, address } = await explore(evil, ...options);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(address);
    await page.waitForSelector("h1");
    const { origin } = new URL(address);
    for (const [view, part] of [
      ["overview", ".ranking"],
      ["rows", ".table-row .item-title"],
      ["rows?item=3", ".chip"],
      ["users", ".table-row .cut"],
      ["user?id=3", ".recommended"],
      ["picture", "canvas"],
      ["settings", "h1"],
      ["export", "h1"],
    ] as const) {
      await page.goto(`${origin}/#/${view}`);
      await page.waitForSelector(part);
      if (view === "rows") {
        await page.locator(".table-row").first().click();
        await page.waitForSelector(".panel .reason");
      }
      if (view === "picture") await page.locator("canvas").hover({ position: { x: 12, y: 12 } });
      await page.waitForTimeout(200);
      const [text, elements] = [
        page.locator("main").textContent(),
        page.locator("main").locator("img, script"),
      ];
      expect([view, await elements.count(), await page.title()]).toEqual([
        view,
        0,
        expect.not.stringMatching(/^owned/),
      ]);
      if (part !== "h1") expect([view, await text]).toEqual([view, expect.stringContaining("<img src=x")]);
    }
    await browser.close();
    running.process.kill("SIGTERM");
    await running.ended;
  });
});

describe("prorec explore says what is wrong before it computes", () => {
  const small = folder.file("small.csv", "user,item\na,x\nb,y\n");
  it.each([
    [["--items", "missing.csv"], "Can't read missing.csv"],
    [["--decisions", "missing/decisions.csv"], "the folder does not exist"],
    [["--decisions", small], "holds no decisions"],
    [["--host", "host.invalid"], "Can't listen at host.invalid"],
  ])("%j", async (options, message) => {
    const { exit, stderr } = await prorec(["explore", small, ...options]);
    expect([exit, stderr]).toEqual([3, expect.stringContaining(message)]);
    expect(stderr).not.toContain("svd");
  });

  it("and how many items have titles", async () => {
    const items = folder.file("items.csv", "item,name\nx,One\nz,Two\n");
    const { running } = await explore(small, "--items", items);
    await running.hasSaid(`titles of 1 of 2 items, from "name"`);
    await running.hasSaid("small.csv: 2 rows, 2 users, 2 items, 2 interactions.");
    running.process.kill("SIGTERM");
    await running.ended;
  });
});
