// How time, memory and the share of pairs summed one by one grow with the log: parts of Yahoo's shape (users and
// interactions; always all 46,110 items), each generated and denoised by the program in a process of its own.
// Writes bench/results/growth.json, where other parts' figures stay, and draws docs/growth.svg.
// Usage: npm run build && node bench/growth.mjs [part ...]      (1/16 1/8 1/4 1/2 1; none: draws only)
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { machine } from "./bench.mjs";
import { growthPicture } from "./growth-picture.mjs";
import { openNumpy } from "./numpy.mjs";

const WHOLE = { users: 1_948_882, items: 46_110, interactions: 48_817_561 };
const THREADS = 2;
const results = new URL("results/growth.json", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "prorec-growth-"));
process.once("exit", () => rmSync(folder, { recursive: true }));

const runs = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : [];
for (const part of process.argv.slice(2)) {
  const run = await measured(part);
  const place = runs.findIndex((other) => other.part === part);
  runs.splice(place < 0 ? runs.length : place, 1, run);
  runs.sort((left, right) => left.shape.users - right.shape.users);
  writeFileSync(results, `${JSON.stringify(runs, undefined, 1)}\n`);
}
console.table(runs.map(row));
writeFileSync(new URL("../docs/growth.svg", import.meta.url), growthPicture(runs));

async function measured(part) {
  const [numerator, denominator = 1] = part.split("/").map(Number);
  const scale = (count) => Math.round((count * numerator) / denominator);
  const shape = { ...WHOLE, users: scale(WHOLE.users), interactions: scale(WHOLE.interactions) };
  const numpy = await openNumpy();
  numpy?.close();
  const before = machine();
  const sizes = Object.entries(shape).flatMap(([name, count]) => [`--${name}`, String(count)]);
  const synth = await prorec("synth", ...sizes, "--noise", ".1", "-o", "log.parquet");
  const settings = ["--factors", "100", "--threads", String(THREADS)];
  const denoise = await prorec("denoise", "log.parquet", "-o", "clean.parquet", ...settings);
  const { engine, threads, certificate, seconds, memory, flaggedShare } = denoise.summary;
  return {
    part,
    shape,
    machine: before,
    loadAfter: loadavg(),
    yardstick: numpy?.yardstick ?? null,
    ...{ engine, threads, certificate, flaggedShare, memory },
    seconds: { synth: synth.wall, ...seconds, denoise: denoise.wall },
    cpuSeconds: { synth: synth.cpu, denoise: denoise.cpu },
  };
}

/** Runs the program in a process of its own: what `--json` printed, wall and CPU seconds. */
async function prorec(...args) {
  const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" 2>&3';
  const command = [
    "-c",
    `exec 3>&2; ${script}`,
    "--",
    process.execPath,
    program,
    ...args,
    "--json",
    "--quiet",
  ];
  const { stdout, stderr } = await promisify(execFile)("bash", command, { cwd: folder });
  const [wall, user, system] = stderr.trim().split("\n").at(-1).split(" ").map(Number);
  return { summary: JSON.parse(stdout), wall, cpu: user + system };
}

function row({ part, seconds, cpuSeconds, memory, certificate, machine }) {
  const stages = Object.entries(seconds).map(([stage, time]) => [`${stage} s`, Number(time.toFixed(1))]);
  return {
    part,
    ...Object.fromEntries(stages),
    "CPU s": Number(cpuSeconds.denoise.toFixed(1)),
    "peak GB": Number((memory.peakBytes / 1e9).toFixed(2)),
    near: `${(100 * certificate.nearShare).toFixed(1)}%`,
    load: machine.load[0].toFixed(1),
    node: machine.node,
  };
}
