// Rows a CPU second of reading a Parquet log into the internal matrix (`readInteractions`: ids to positions, pairs sorted,
// repeated ones merged) beside DuckDB on one thread: scanning the two columns only, and doing the same job in SQL. The logs
// are written by DuckDB itself (Snappy, its own row groups) in random order, with text ids and with 64-bit ones; a reading
// is a process of its own, and the three readers take turns.
// Usage: npm run build && node bench/parquet.mjs [rows] [rounds] > result.json   (the table goes to stderr)
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance, version as duckdb } from "@duckdb/node-api";
import { readInteractions } from "../dist/index.js";

const READERS = { prorec, "duckdb, scan": scan, "duckdb, same job": sameJob };

if (process.argv[2] === "read") await readOnce(READERS[process.argv[3]], process.argv[4]);
else await main();

async function main() {
  const [rows = 2_000_000, rounds = 3] = process.argv.slice(2).map(Number);
  const folder = mkdtempSync(join(tmpdir(), "prorec-bench-"));
  const results = [];
  try {
    for (const ids of ["text", "integer"]) {
      const file = join(folder, `${ids}.parquet`);
      await writeLog(file, rows, ids);
      const seconds = Object.fromEntries(Object.keys(READERS).map((reader) => [reader, []]));
      const peaks = structuredClone(seconds);
      const sizes = new Set();
      for (let round = 0; round < rounds; round++) {
        for (const reader of Object.keys(READERS)) {
          const { cpu, peak, pairs } = read(reader, file);
          seconds[reader].push(cpu);
          peaks[reader].push(peak);
          if (pairs !== undefined) sizes.add(pairs);
        }
      }
      if (sizes.size !== 1) throw new Error(`The readers differ: ${[...sizes]} pairs.`);
      const mebibytes = statSync(file).size / 2 ** 20;
      results.push({ ids, rows, mebibytes, seconds, peaks });
      for (const [reader, times] of Object.entries(seconds)) {
        const rate = (time) => (rows / time / 1e6).toFixed(2);
        console.error(
          `${ids.padEnd(8)} ${reader.padEnd(18)} ${rate(median(times))} million rows a CPU second ` +
            `(${rate(Math.max(...times))} .. ${rate(Math.min(...times))}), peak ${median(peaks[reader]).toFixed(0)} MiB`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const machine = {
    cpu: cpus()[0].model,
    cores: cpus().length,
    load: loadavg(),
    node: process.version,
    duckdb: duckdb(),
    commit,
  };
  console.log(JSON.stringify({ machine, results }, null, 2));
}

function read(reader, file) {
  const script = fileURLToPath(import.meta.url);
  return JSON.parse(execFileSync(process.execPath, [script, "read", reader, file], { encoding: "utf8" }));
}

async function readOnce(reader, file) {
  const before = process.cpuUsage();
  const pairs = await reader(file);
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, peak, pairs }));
}

async function prorec(file) {
  return (await readInteractions(file)).size;
}

async function scan(file) {
  await ask(`SELECT max(user), max(item) FROM '${file}'`);
}

async function sameJob(file) {
  const position = (side) =>
    `CREATE TABLE ${side}s AS SELECT ${side}, row_number() OVER () - 1 AS position FROM (SELECT DISTINCT ${side} FROM '${file}')`;
  return ask(
    position("user"),
    position("item"),
    `CREATE TABLE pairs AS SELECT DISTINCT users.position AS a, items.position AS b FROM '${file}' JOIN users USING (user) JOIN items USING (item) ORDER BY 1, 2`,
    "SELECT count(*) FROM pairs",
  );
}

/** Clicks of a twenty-fifth as many users, on a fiftieth as many items of which few are clicked often. */
async function writeLog(file, rows, ids) {
  const id = (side, position) =>
    ids === "text" ? `'${side}-' || (${position})` : `9007199254740993 + (${position})`;
  const user = `hash(n) % ${Math.ceil(rows / 25)}`;
  const item = `floor(${Math.ceil(rows / 50)} * pow((hash(n + ${rows}) % 1000000) / 1000000, 3))::BIGINT`;
  await ask(
    `COPY (SELECT ${id("user", user)} AS user, ${id("item", item)} AS item, (1 + n % 5)::DOUBLE AS rating, 1600000000 + n AS timestamp FROM range(${rows}) log(n)) TO '${file}' (FORMAT parquet)`,
  );
}

async function ask(...statements) {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  let answer;
  for (const statement of statements) answer = await connection.runAndReadAll(statement);
  return Number(answer.getRows()[0]?.[0]);
}

function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
