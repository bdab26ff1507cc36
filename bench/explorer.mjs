// How the explorer feels on a log of a million rows, measured inside its page in Debian's Chromium: the time from the
// navigation to the first view, and from an action to the frame that shows its result; beside each the CPU time that an
// action takes of the page's process and of the server, which other work on the machine doesn't change. Writes
// bench/results/explorer.json.
// Usage: npm run build && node bench/explorer.mjs
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { machine } from "./bench.mjs";

const SHAPE = { users: 20_000, items: 8_000, interactions: 1_000_000 };
const FACTORS = "32";
const folder = mkdtempSync(join(tmpdir(), "prorec-explorer-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const file = (name) => join(folder, name);
const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

const sizes = Object.entries(SHAPE).flatMap(([name, count]) => [`--${name}`, String(count)]);
await ended(prorec("synth", ...sizes, "-o", file("clicks.csv")));
await ended(
  prorec(
    "denoise",
    file("clicks.csv"),
    "--factors",
    FACTORS,
    "-o",
    file("clean.csv"),
    "--save-run",
    file("run"),
  ),
);
const before = machine();
const server = prorec("explore", file("run"));
const address = await new Promise((resolve) =>
  server.stdout.on("data", (chunk) => resolve(String(chunk).trim())),
);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const { origin } = new URL(address);
  await page.goto(address);
  await page.waitForSelector("main h1");

  const firstView = [];
  for (let time = 0; time < 5; time++) {
    await page.goto("about:blank");
    await page.goto(`${origin}/#/overview`);
    firstView.push(await page.evaluate(untilShown, ".bars-plot"));
  }
  await page.goto(`${origin}/#/rows?show=all`);
  await page.waitForSelector(".table[aria-busy=false] .item-title");
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  /** CPU milliseconds so far. */
  const cpu = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    const fields = readFileSync(`/proc/${server.pid}/stat`, "utf8").split(") ").at(-1).split(" ");
    const [user, system] = fields.slice(11, 13).map(Number);
    return {
      page: 1000 * metrics.find(({ name }) => name === "ProcessTime").value,
      server: 10 * (user + system),
    };
  };
  const acted = async (action, argument) => {
    const start = await cpu();
    const times = await page.evaluate(action, argument);
    const end = await cpu();
    const each = (part) => Math.round((end[part] - start[part]) / times.length);
    return { ...summary(times), cpuPage: each("page"), cpuServer: each("server") };
  };
  const results = {
    shape: SHAPE,
    firstViewMs: summary(firstView),
    scrollMs: await acted(scrolls, 40),
    sortFirstMs: await acted(sorts, ["Match", "Rank", "Users", "Item", "User"]),
    sortAgainMs: await acted(sorts, ["Match", "Rank", "Match", "Rank"]),
  };
  await page.goto(`${origin}/#/users`);
  await page.waitForSelector(".table[aria-busy=false] .share");
  await page.locator(".table-row").first().click();
  await page.waitForSelector(".curve svg");
  await page.waitForTimeout(10_000); // the whole row of the plan
  const about = await page.locator(".lead p.muted").textContent();
  results.userClicks = Number(/([\d,]+) clicks/.exec(about)[1].replace(",", ""));
  results.sliderMs = await acted(slides, 40);
  const all = { machine: before, loadAfter: machine().load, ...results };
  writeFileSync(new URL("results/explorer.json", import.meta.url), `${JSON.stringify(all, undefined, 1)}\n`);
  console.log(JSON.stringify(all, undefined, 1));
} finally {
  await browser.close();
  server.kill("SIGINT");
}

// What follows runs in the page.

/** Milliseconds from the navigation to the frame that shows an element. */
async function untilShown(selector) {
  const frame = () => new Promise(requestAnimationFrame);
  while (document.querySelector(selector) === null) await frame();
  await frame();
  return performance.now();
}

/** From a scroll to anywhere until every row in sight has its text. */
async function scrolls(count) {
  const frame = () => new Promise(requestAnimationFrame);
  const table = document.querySelector(".table");
  const times = [];
  for (let scroll = 1; scroll <= count; scroll++) {
    const top = ((scroll * 0.6180339887) % 1) * (table.scrollHeight - table.clientHeight);
    const shown = document.querySelector(".table-row").ariaRowIndex;
    const started = performance.now();
    table.scrollTop = top;
    do await frame();
    while (document.querySelector(".table-row").ariaRowIndex === shown || document.querySelector(".waiting"));
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return times;
}

/** From a click on a column's name until the rows are those of the new order. */
async function sorts(names) {
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (const name of names) {
    const buttons = [...document.querySelectorAll(".table-head button")];
    const button = buttons.find(({ textContent }) => textContent.replace(/[↑↓]/, "") === name);
    const started = performance.now();
    button.click();
    do await frame();
    while (document.querySelector(".table").ariaBusy === "true" || document.querySelector(".waiting"));
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return times;
}

/** From a step of the slider until the frame that has the new labels. */
async function slides(count) {
  const frame = () => new Promise(requestAnimationFrame);
  const slider = document.querySelector("#threshold");
  const times = [];
  for (let step = 1; step <= count; step++) {
    const shown = document.querySelector("output").textContent;
    const started = performance.now();
    slider.value = String((step * 37) % Number(slider.max));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    do await frame();
    while (document.querySelector("output").textContent === shown);
    times.push(performance.now() - started);
  }
  return times;
}

function summary(times) {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  return { median: at(0.5), p95: at(0.95), worst: at(1), times: times.length };
}

function prorec(...args) {
  return spawn(process.execPath, [MAIN, ...args, "--quiet"], { stdio: ["ignore", "pipe", "inherit"] });
}

function ended(child) {
  return new Promise((resolve, reject) =>
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${child.spawnargs.join(" ")}: ${code}`)),
    ),
  );
}
