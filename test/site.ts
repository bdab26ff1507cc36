import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { ROOT } from "./process.ts";

const CHROMIUM = "/usr/bin/chromium";
/** Whether Debian's Chromium is there, with the reason that belongs in a skipped test's name. */
export const noChromium = !existsSync(CHROMIUM);
export const noChromiumReason = noChromium ? ` (skipped: ${CHROMIUM} is absent)` : "";

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
};

/** Serves dist/, and test/fixtures/ under /fixtures/, as any static host would; `isolated`: with the headers that let threads share memory. Elsewhere an empty page. */
export async function serveDist(isolated: boolean): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://host").pathname;
    const file = `${ROOT}${path.startsWith("/fixtures/") ? "test" : "dist"}${path}`;
    const known = /^[\w./-]+\.(m?js|css|html)$/.test(path) && existsSync(file);
    response.setHeader("Content-Type", TYPES[extname(path)] ?? "text/html");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    response.end(known ? readFileSync(file) : "<!doctype html><title>empty</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
