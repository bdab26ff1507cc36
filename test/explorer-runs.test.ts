import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Crowd, crowdAt, openSite, type Site, until } from "./cluster.ts";
import { absent, reason, seriousProblems, startExplorer } from "./exploring.ts";
import { temporaryFolder } from "./files.ts";
import { prorec, type Running } from "./process.ts";
import { hasRedis, noRedis } from "./servers.ts";
import { openChromium } from "./site.ts";

const folder = temporaryFolder();
const log = folder.file("clicks.csv");
const out = (name: string) => folder.file(`${name}.csv`);
/** Where pictures of the page go, if anywhere. */
const { PICTURES } = process.env;
/** For a machine with other work to do. */
const POLL = { timeout: 60_000 };

describe.skipIf(absent || !hasRedis)(
  `a cluster's runs in Chromium${reason}${noRedis}`,
  { timeout: 120_000 },
  () => {
    let site: Site;
    let crowd: Crowd;
    let browser: Browser;
    let page: Page;
    let server: Awaited<ReturnType<typeof startExplorer>>;
    let worker: Running;
    const said: string[] = [];
    const answers: string[] = [];

    beforeAll(async () => {
      const size = ["--users", "1500", "--items", "600", "--interactions", "20000"];
      await prorec(["synth", ...size, "--quiet", "-o", log]);
      site = await openSite(folder.file("site"));
      site.redis.command("config", "set", "requirepass", "hunter2");
      const login = site.redis.url.replace("//", "//:hunter2@");
      crowd = crowdAt(login, site.store);
      [server, browser] = await Promise.all([
        startExplorer("--cluster", login, "--store", site.store),
        openChromium(),
      ]);
      page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      page.on("response", async (response) => answers.push(await response.text().catch(() => "")));
      await page.goto(server.address);
      await page.waitForSelector("h1");
    }, 120_000);
    afterAll(async () => {
      server?.running.process.kill("SIGINT");
      await browser?.close();
      crowd?.scatter();
      await site?.close();
    });

    const run = (state: string) => page.locator(`.run:has(.is-${state})`);
    const picture = async (name: string) => {
      if (PICTURES === undefined) return;
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1400, 400]) {
          await page.setViewportSize({ width, height: 900 });
          await page.screenshot({
            path: join(PICTURES, `${name}-${colorScheme}-${width}.png`),
            fullPage: true,
          });
        }
      }
      await page.setViewportSize({ width: 1400, height: 900 });
    };

    it("says where it looks, without the password, and that nobody is there", async () => {
      const text = await page.locator("main").textContent();
      expect(text).toContain("No run is on");
      expect(text).toContain(site.redis.url.replace("//", "//***@"));
      expect(text).toContain(site.store);
      expect(text).toContain("No worker is there.");
      expect(await page.locator("nav a").allTextContents()).toEqual(["Runs"]);
    });

    it("shows a run queued, running and done, by itself", async () => {
      const denoising = crowd.denoise(log, out("done"), "--model", "wrmf", "--factors", "30");
      await expect.poll(() => run("queued").count(), POLL).toBe(1);
      expect(await run("queued").textContent()).toContain("No worker of its build is there");
      const waiting = page.locator(".tile", { hasText: "Blocks waiting" }).locator("dd");
      expect(Number(await waiting.textContent())).toBeGreaterThan(0);
      await picture("queued");
      worker = await crowd.worker();
      await until(() => site.stored() > 8);
      worker.process.kill("SIGSTOP"); // a small log is soon done
      await expect.poll(() => run("running").count(), POLL).toBe(1);
      const text = await run("running").textContent();
      expect(text).toMatch(/Now \w+: \d+ of \d+ block/);
      expect(text).toContain("clicks.csv");
      expect(text).toMatch(/Throughput[\d.]+ blocks\/s/);
      expect(text).toContain("Workers1, 1 thread");
      await picture("running");
      worker.process.kill("SIGCONT");
      expect(await denoising.ended).toMatchObject({ exit: 0 });
      await expect.poll(() => run("done").count(), POLL).toBe(1);
      expect(await run("running").count()).toBe(0);
      const cells = await run("done").locator("tbody td").allTextContents();
      expect(cells.length).toBeGreaterThan(2);
      for (let at = 0; at < cells.length; at += 2) expect(cells[at]).toBe(cells[at + 1]);
      expect(await page.locator("h1").textContent()).toBe("No run is on");
    });

    it("shows a block that failed, with the worker's message, and the run's end", async () => {
      const [taken] = site.results();
      rmSync(taken!);
      mkdirSync(join(taken!, "in the way"), { recursive: true });
      const failed = await crowd.denoise(log, out("failed"), "--model", "wrmf", "--factors", "30").ended;
      expect(failed.exit).toBe(3);
      await expect.poll(() => run("failed").count(), POLL).toBe(1);
      const problem = run("failed").locator(".problem");
      expect(await problem.textContent()).toMatch(/Block \d+ of \w+ failed on the cluster: .*block-\d+/);
      expect(await run("failed").textContent()).toMatch(/prorec runs resume \w+/);
      const workers = page.getByRole("region", { name: "Workers" });
      const failure = `Process ${worker.process.pid} failed at `;
      await expect.poll(() => workers.textContent(), POLL).toContain(failure);
      await picture("failed");
    });

    it("shows a record that was altered as damaged, beside the others", async () => {
      writeFileSync(join(site.store, "runs", "0badbad0"), "not ProRec's");
      await expect.poll(() => run("damaged").count(), POLL).toBe(1);
      expect(await run("damaged").textContent()).toContain("runs/0badbad0 in the store");
      expect(await run("done").count()).toBe(1);
      rmSync(join(site.store, "runs", "0badbad0"));
      await expect.poll(() => run("damaged").count(), POLL).toBe(0);
    });

    it.each(["light", "dark"] as const)(
      "axe finds nothing serious in %s, wide or narrow",
      async (colorScheme) => {
        await page.emulateMedia({ colorScheme });
        for (const width of [1400, 400]) {
          await page.setViewportSize({ width, height: 900 });
          expect({ width, found: await seriousProblems(page) }).toEqual({ width, found: [] });
          const wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
          expect({ width, wide }).toEqual({ width, wide: false });
        }
      },
    );

    it("keeps what it showed while Redis is gone, says so, and goes on when it is back", async () => {
      await site.redis.kill();
      const alert = page.locator("[role=alert]");
      await expect
        .poll(() => alert.allTextContents(), POLL)
        .toEqual([expect.stringContaining("does not answer")]);
      expect(await run("done").count()).toBe(1);
      await site.redis.start();
      await expect.poll(() => alert.count(), POLL).toBe(0);
    });

    it("never had the password on the page or in an answer", async () => {
      const all = [...answers, ...said, await page.content(), server.running.said()].join("\n");
      expect(all).toContain("***@");
      expect(all).not.toContain("hunter2");
      expect(said.filter((line) => !/422|Failed to load/.test(line))).toEqual([]);
    });
  },
);

describe("prorec explore --cluster", () => {
  const cluster = ["--cluster", "redis://127.0.0.1:1"];
  it.each([
    [[], "Which log?"],
    [["--store", "x"], "--store goes with --cluster"],
    [["clicks.csv", ...cluster], "without it"],
    [["--items", "items.csv", ...cluster], "--items is about a log"],
    [["--gamma", "1", ...cluster], "--gamma is about denoising a log"],
  ])("%j is refused by name", async (words, message) => {
    const { exit, stderr } = await prorec(["explore", ...words]);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it("where nothing answers says so before it serves", async () => {
    const login = "redis://someone:secret@127.0.0.1:1";
    const { exit, stderr } = await prorec(["explore", "--cluster", login, "--store", folder.path]);
    expect([exit, stderr]).toEqual([
      3,
      expect.stringContaining("Can't use the cluster at redis://***@127.0.0.1:1"),
    ]);
    expect(stderr).not.toContain("secret");
  });
});
