import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digests } from "./fixtures/transport-digest.mjs";
import { ROOT } from "./process.ts";

const FIXTURE = "test/fixtures/transport-digest.mjs";
/** A Node of another major version, and Debian's Chromium. */
const otherNode = program(process.env.PRORECTEST_NODE ?? "", "PRORECTEST_NODE names no other Node");
const browser = program("/usr/bin/chromium", "/usr/bin/chromium is absent");

/** What the transport's imports want of Node; nothing here calls it. */
const PAGE = `<script>globalThis.process = { versions: { node: "20" } };</script>
<script type="importmap">
  {
    "imports": {
      "node:os": "data:text/javascript,export const availableParallelism = undefined, freemem = undefined",
      "node:timers/promises": "data:text/javascript,export const setImmediate = undefined"
    }
  }
</script>`;

function program(path: string, reason: string) {
  const absent = !existsSync(path);
  return { path, absent, reason: absent ? ` (skipped: ${reason})` : "" };
}

describe("the engine simd128 gives the same bits", () => {
  let here: Awaited<ReturnType<typeof digests>>;
  beforeAll(async () => {
    here = await digests("simd128");
  });

  it("each time, and others for other sums of the items", async () => {
    expect(await digests("simd128")).toEqual(here);
    expect(here.full).not.toBe(here.nearFar);
  });

  it.skipIf(otherNode.absent)(`on another Node${otherNode.reason}`, () => {
    const script = `import { digests } from "${ROOT}${FIXTURE}";
      console.log(JSON.stringify({ version: process.version, ...await digests("simd128") }));`;
    const output = execFileSync(otherNode.path, ["--input-type=module", "-e", script], { encoding: "utf8" });
    const { version, ...there } = JSON.parse(output);
    expect(version).not.toBe(process.version);
    expect(there).toEqual(here);
  });

  describe.skipIf(otherNode.absent)(`on another Node, model and all${otherNode.reason}`, () => {
    const program = `${ROOT}dist/cli/main.js`;
    const log = ["synth", "--users", "120", "--items", "90", "--interactions", "1500"];
    it.each(["svd", "nce-plrec", "wrmf", "ease"])("%s", (model) => {
      const input = execFileSync(process.execPath, [program, ...log], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const args = [program, "denoise", "-", "--quiet", "--model", model, "--engine", "simd128"];
      const [here, there] = [process.execPath, otherNode.path].map((node) =>
        execFileSync(node, args, { input, encoding: "utf8" }),
      );
      expect(there).toBe(here);
    });
  });

  describe("in a browser", () => {
    const server = createServer(({ url }, response) => {
      const module = /^\/(dist|test\/fixtures)\/[\w./-]+\.m?js$/.test(url!) && existsSync(ROOT + url);
      response.setHeader("Content-Type", module ? "text/javascript" : "text/html");
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin"); // for SharedArrayBuffer
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      response.end(module ? readFileSync(ROOT + url) : PAGE);
    });
    beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it.skipIf(browser.absent)(`Chromium${browser.reason}`, async () => {
      const instance = await chromium.launch({ executablePath: browser.path, args: ["--no-sandbox"] });
      try {
        const page = await instance.newPage();
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        const there = await page.evaluate(`import("/${FIXTURE}").then(({ digests }) => digests("simd128"))`);
        expect(there).toEqual(here);
      } finally {
        await instance.close();
      }
    });
  });
});
