import { existsSync } from "node:fs";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { type Running, start } from "./process.ts";

export const CHROMIUM = "/usr/bin/chromium";
export const absent = !existsSync(CHROMIUM);
export const reason = absent ? ` (skipped: ${CHROMIUM} is absent)` : "";

interface Exploring {
  readonly running: Running;
  readonly address: string;
}

/** Starts `prorec explore` on a log and gives its address. */
export function explore(...args: string[]): Promise<Exploring> {
  return startExplorer(...args, "--factors", "8");
}

export async function startExplorer(...args: string[]): Promise<Exploring> {
  const running = start("dist/cli/main.js", ["explore", ...args]);
  const address = await new Promise<string>((resolve, reject) => {
    running.process.stdout!.on("data", (chunk) => resolve(String(chunk).trim()));
    running.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { running, address };
}

/** What axe finds serious on a page. */
export async function seriousProblems(page: Page): Promise<unknown> {
  // Not as a script element: the page's policy refuses those.
  await page.evaluate(axe.source);
  const found = await page.evaluate("axe.run({ resultTypes: ['violations'] })");
  return (found as axe.AxeResults).violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
}
