import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { NcePlrec, synthesize } from "../dist/index.js";
import { sparseFromPairs } from "../dist/linalg/sparse.js";

/** What every result has to say of where it comes from. */
export function machine() {
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    load: loadavg(),
    node: process.version,
    commit: execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim(),
  };
}

/** A result as JSON on standard output: what was measured, where, beside which numpy, and the figures. */
export function printResult(subject, before, numpy, figures) {
  const about = { machine: before, loadAfter: loadavg(), yardstick: numpy?.yardstick ?? null };
  console.log(JSON.stringify({ subject, ...about, ...figures }, undefined, 2));
}

/** Wall and CPU seconds of this process, all its threads together. */
export async function timed(work) {
  const before = process.cpuUsage();
  const started = performance.now();
  await work();
  const wall = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1e6 };
}

export function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}

/** Median and range. */
export function summary(values) {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

export function shown({ median, least, most }, digits = 2) {
  return `${median.toFixed(digits)} (${least.toFixed(digits)} .. ${most.toFixed(digits)})`;
}

/** A generated log of so many clicks a user, and NCE-PLRec's factors of it. */
export async function fittedLog({ users, items, rank, clicks }) {
  const interactions = users * clicks;
  const [userOf, itemOf] = [new Uint32Array(interactions), new Uint32Array(interactions)];
  const log = synthesize({ users, items, interactions, noise: 0.1, seed: 1 });
  let row = 0;
  for (const { firstUser, offsets, items } of log.blocks()) {
    itemOf.set(items, row);
    for (let user = 0; user < offsets.length - 1; user++) {
      userOf.fill(firstUser + user, row + offsets[user], row + offsets[user + 1]);
    }
    row += items.length;
  }
  const matrix = sparseFromPairs(users, items, userOf, itemOf);
  const model = new NcePlrec({ factors: rank });
  const { scores } = await model.fit({ matrix, items: { size: items } }, { threads: cpus().length });
  return { matrix, scores };
}
