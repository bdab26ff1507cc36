import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { prorec, ROOT } from "./process.ts";
import { ml100k } from "./shared.ts";
import { noChromium, noChromiumReason, openChromium, serveDist } from "./site.ts";

const SMALL = [
  "user,item",
  ...Array.from({ length: 60 }, (_, at) => `u${at % 12},i${(at * 5) % 17}`),
  "",
].join("\n");

describe.skipIf(noChromium)(`the page that cleans a dropped file, in Chromium${noChromiumReason}`, () => {
  const folder = temporaryFolder();
  let browser: Awaited<ReturnType<typeof openChromium>>;
  let sites: Record<"isolated" | "plain", Awaited<ReturnType<typeof serveDist>>>;
  beforeAll(async () => {
    browser = await openChromium();
    sites = { isolated: await serveDist(true), plain: await serveDist(false) };
  });
  afterAll(async () => {
    await browser?.close();
    await sites?.isolated.close();
    await sites?.plain.close();
  });
  const open = async (site: "isolated" | "plain" = "plain") => {
    const page = await browser.newPage();
    await page.goto(`${sites[site].url}/drop/index.html`);
    return page;
  };
  /** What Node makes of the file, as `extension`. */
  const inNode = async (path: string, extension: string) => {
    const output = `${folder.path}/node.${extension}`;
    const { exit, stderr } = await prorec(["denoise", path, "-o", output, "--engine", "simd128"]);
    expect(exit, stderr).toBe(0);
    return readFileSync(output);
  };

  describe.skipIf(ml100k.absent)(`ML-100k${ml100k.reason}`, () => {
    it.each(["isolated", "plain"] as const)("%s: the same bytes as Node's", async (site) => {
      const page = await open(site);
      expect(await page.evaluate("crossOriginIsolated")).toBe(site === "isolated");
      await page.setInputFiles("#file", ml100k.path);
      const { name, bytes } = await saved(page, "#clean");
      expect(name).toBe("u.data.clean.csv");
      expect(bytes.equals(await inNode(ml100k.path, "csv"))).toBe(true);
      expect(await page.textContent("#report")).toContain("Interactions100,000");
      await page.close();
    });

    it("gives memory back: five files take no more than one", async () => {
      const page = await open();
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable");
      const heap = async () => {
        await session.send("HeapProfiler.collectGarbage");
        const { metrics } = await session.send("Performance.getMetrics");
        return metrics.find(({ name }) => name === "JSHeapUsedSize")!.value;
      };
      const after: number[] = [];
      for (let run = 0; run < 5; run++) {
        await page.setInputFiles("#file", ml100k.path);
        await page.waitForSelector("#done:not([hidden])");
        await expect.poll(() => page.workers().length).toBe(0);
        after.push(await heap());
      }
      expect(after[4]! - after[0]!).toBeLessThan(1e6);
      await page.close();
    }, 300_000);
  });

  it("cleans Parquet, and a gzipped file, as Node does", async () => {
    const rows = SMALL.trimEnd().split("\n").slice(1);
    const columnData = ["user", "item"].map((name, column) => ({
      name,
      data: rows.map((row) => row.split(",")[column]!),
    }));
    const parquet = folder.file("clicks.parquet", new Uint8Array(parquetWriteBuffer({ columnData })));
    const page = await open();
    await page.setInputFiles("#file", parquet);
    expect((await saved(page, "#clean")).bytes.equals(await inNode(parquet, "parquet"))).toBe(true);

    const zipped = folder.file("clicks.tsv.gz", gzipSync(SMALL.replaceAll(",", "\t")));
    await page.setInputFiles("#file", zipped);
    const { name, bytes } = await saved(page, "#clean");
    expect(name).toBe("clicks.clean.tsv");
    expect(bytes.equals(await inNode(zipped, "tsv"))).toBe(true);
    await page.close();
  });

  it("asks the network for nothing but its own scripts, and may not", async () => {
    const page = await open();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.setInputFiles("#file", folder.file("clicks.csv", SMALL));
    await page.waitForSelector("#done:not([hidden])");
    const scripts = new RegExp(`^(blob:)?${sites.plain.url}/([\\w-]+|drop/assets/[\\w-]+\\.js)$`);
    for (const url of asked) expect(url).toMatch(scripts);
    const refused = await page.evaluate("fetch(location.href).then(() => false, () => true)");
    expect(refused).toBe(true);
    await page.close();
  });

  it("opened as a file says that it needs a server, and not otherwise", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(`${ROOT}dist/drop/index.html`).href);
    expect(await page.locator("#dead").innerText()).toContain("python3 -m http.server");
    await page.goto(`${sites.plain.url}/drop/index.html`);
    await expect.poll(() => page.locator("#dead").count()).toBe(0);
    await page.close();
  });

  it("says what is wrong with a file, where, and what to do", async () => {
    const page = await open();
    await page.setInputFiles("#file", folder.file("bad.csv", `${SMALL}u1,i1,extra\n`));
    await page.waitForSelector("#failed:not([hidden])");
    expect(await page.textContent("#message")).toContain("bad.csv, row 62: 3 cells, but 2 columns");
    await page.setInputFiles("#file", folder.file("unnamed.csv", SMALL.replace("user,item", "a,b")));
    await page.waitForSelector(`#message:has-text("No column's name")`);
    expect(await page.textContent("#hint")).toContain("Columns and format");
    await page.fill("[name=user]", "a"); // the fields for it have opened
    await page.fill("[name=item]", "b");
    await page.click("#again");
    await page.waitForSelector("#done:not([hidden])");
    await page.fill("[name=item]", "c");
    await page.press("[name=item]", "Enter");
    await page.waitForSelector(`#failed:not([hidden]) #message:has-text('"c"')`);
    await page.close();
  });

  it("shows ids as text, whatever they hold", async () => {
    const page = await open();
    const evil = SMALL.replaceAll("i5", "</script><img src=x onerror=alert(1)>");
    await page.setInputFiles("#file", folder.file("evil.csv", evil));
    await page.waitForSelector("#done:not([hidden])");
    expect(await page.locator("img").count()).toBe(0);
    await page.close();
  });

  it("stops at once when it is told to", async () => {
    const page = await open();
    const rows = Array.from({ length: 300_000 }, (_, at) => `u${at % 30_000},i${(at * 7919) % 20_011}`);
    await page.setInputFiles("#file", folder.file("long.csv", ["user,item", ...rows, ""].join("\n")));
    await page.waitForSelector("#stage:not(:empty)");
    await page.click("#cancel");
    await expect.poll(() => page.workers().length).toBe(0);
    expect(await page.isVisible("#running")).toBe(false);
    expect(await page.isVisible("#done")).toBe(false);
    await page.close();
  });
});

/** Waits for the result and saves it. */
async function saved(page: Page, link: string): Promise<{ name: string; bytes: Buffer }> {
  await page.waitForSelector("#running:not([hidden]), #failed:not([hidden])");
  await page.waitForSelector("#done:not([hidden])");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(link)]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}
