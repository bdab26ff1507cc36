import { existsSync } from "node:fs";
import { type Running, start } from "./process.ts";

export const CHROMIUM = "/usr/bin/chromium";
export const absent = !existsSync(CHROMIUM);
export const reason = absent ? ` (skipped: ${CHROMIUM} is absent)` : "";

/** Starts `prorec explore` and gives its address. */
export async function explore(...args: string[]): Promise<{ running: Running; address: string }> {
  const running = start("dist/cli/main.js", ["explore", ...args, "--factors", "8"]);
  const address = await new Promise<string>((resolve, reject) => {
    running.process.stdout!.on("data", (chunk) => resolve(String(chunk).trim()));
    running.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { running, address };
}
