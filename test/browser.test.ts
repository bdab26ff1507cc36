import { readdirSync, readFileSync } from "node:fs";
import { denoise, Ids, interactionsFromPairs } from "prorec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GoldenCase, type goldenCase, largeCase } from "./fixtures/browser-cases.mjs";
import { ROOT } from "./process.ts";
import { golden } from "./shared.ts";
import { noChromium, noChromiumReason, openChromium, serveDist } from "./site.ts";

describe.each(["browser/index.js", "drop/index.html"])("what dist/%s leads to", (entry) => {
  const files = reached(entry);

  it("imports nothing of Node and no package", () => {
    expect(files.size).toBeGreaterThan(2);
    for (const [file, text] of files) {
      expect(text, file).not.toMatch(/["'`]node:/);
      for (const specifier of importsOf(text)) expect(specifier, file).toMatch(/^\.{0,2}\//);
      expect(text, file).not.toMatch(/\b(process\.(env|version|memoryUsage|stdout)|require\()/);
    }
  });

  it("asks for nothing from elsewhere", () => {
    for (const [file, text] of files) expect(text, file).not.toMatch(/\b(fetch|WebSocket|XMLHttpRequest)\(/);
  });
});

it("the worker knows every task of the library", () => {
  const folder = `${ROOT}dist/browser`;
  const tasks = [
    ...readFileSync(`${folder}/index.js`, "utf8").matchAll(/module: import\.meta\.url,\s*name: "(\w+)"/g),
  ].map(([, name]) => name!);
  const worker = readdirSync(`${folder}/assets`).find((name) => /^worker.*\.js$/.test(name))!;
  const known = readFileSync(`${folder}/assets/${worker}`, "utf8");
  expect(tasks.length).toBeGreaterThan(8);
  for (const name of tasks) expect(known).toMatch(new RegExp(`name:["\`]${name}["\`]`));
});

const IMPORTS = `Promise.all([import("/browser/index.js"), import("/fixtures/browser-cases.mjs")])`;

/** The text of a file in dist/ and of all that it names beside it. */
function reached(entry: string): Map<string, string> {
  const folder = `${ROOT}dist/${entry.split("/", 1)[0]}`;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(js|html)$/.test(name),
  );
  const files = new Map<string, string>();
  const take = (name: string) => {
    if (files.has(name)) return;
    const text = readFileSync(`${folder}/${name}`, "utf8");
    files.set(name, text);
    for (const other of names) if (text.includes(other.split("/").at(-1)!)) take(other);
  };
  take(entry.split("/").at(-1)!);
  return files;
}

function importsOf(text: string): string[] {
  return [
    ...text.matchAll(
      /(?:^|[;}\n])(?:import|export)\b[^"'`;()]*?from\s*["'`]([^"'`]+)["'`]|\bimport\(\s*["'`]([^"'`]+)["'`]/g,
    ),
  ].map(([, from, dynamic]) => (from ?? dynamic)!);
}

describe.skipIf(noChromium)(`prorec/browser in Chromium${noChromiumReason}`, () => {
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
  const open = async (site: "isolated" | "plain") => {
    const page = await browser.newPage();
    await page.goto(sites[site].url);
    return page;
  };

  describe.skipIf(golden.absent)(`golden vectors${golden.reason}`, () => {
    const cases: GoldenCase[] = golden.absent ? [] : JSON.parse(readFileSync(golden.path, "utf8")).cases;

    it.each(["isolated", "plain"] as const)("%s", async (site) => {
      const page = await open(site);
      for (const each of cases) {
        const { X, rho, R, newX, kappa, threshold } = each;
        const found: Awaited<ReturnType<typeof goldenCase>> = await page.evaluate(
          `${IMPORTS}.then(([api, { goldenCase }]) => goldenCase(api, ${JSON.stringify(each)}))`,
        );
        const observed = (table: number[][]) =>
          X.flatMap((row, user) => table[user]!.filter((_, item) => row[item]! > 0));
        expect(found.isolated).toBe(site === "isolated");
        expect(found.kappa, each.name).toEqual(kappa);
        expectClose(found.threshold, threshold);
        expectClose(found.match, observed(rho));
        expectClose(found.relevance, observed(R), 1e-5);
        expectClose(found.values, observed(newX));
      }
      await page.close();
    });
  });

  it("gives the same bits with web workers, with one thread and in Node", async () => {
    const result = async (site: "isolated" | "plain") => {
      const page = await open(site);
      const found = await page.evaluate(`${IMPORTS}.then(([api, { largeCase }]) => largeCase(api, 2))`);
      await page.close();
      return found;
    };
    const inNode = await largeCase({ denoise, Ids, interactionsFromPairs } as never, 2);
    expect(await result("isolated")).toEqual({ ...inNode, threads: 2 });
    expect(await result("plain")).toEqual({ ...inNode, threads: 1 });
  }, 300_000);
});

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6) {
  expect(actual.length).toBe(expected.length);
  for (let at = 0; at < actual.length; at++) {
    expect(Math.abs(actual[at]! - expected[at]!)).toBeLessThanOrEqual(
      tolerance * (1 + Math.abs(expected[at]!)),
    );
  }
}
