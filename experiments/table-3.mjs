// Table III: NCE-PLRec as it is and denoised by EMD (Eq. 1's uniform marginals), Sinkhorn and ROT (a threshold after
// sigma items for everyone) and ProRec; global 70/30 cuts. sigma is chosen on each seed's own validation rows. A time is
// the CPU time of fit, transport and second fit, as a multiple of the first fit in the same process, on one thread.
// A cell is a seed and an arm; those with a file are not computed again.
//   npm run setup && node experiments/table-3.mjs [LOG] [SEED...]      (needs ../shared/data; LOG amusic or ml-100k)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { holm, meanInterval, pairedTest } from "../dist/evaluate/significance.js";
import {
  CONTROLS,
  createModel,
  denoise,
  emd,
  evaluate,
  mergeInteractions,
  readInteractions,
  splitInteractions,
  transport,
} from "../dist/index.js";
import { decimals, markdownTable, pValue, relativeGain } from "../dist/report/table.js";

const LOGS = {
  amusic: { path: "amusic/ratings.tsv", parameters: { factors: 200, regularization: 1000, root: 1 } },
  "ml-100k": {
    path: "ml-100k/u.data",
    read: { minRating: 4 },
    parameters: { factors: 50, regularization: 10_000, root: 1 },
  },
};
const SHARES = { train: 0.5, validation: 0.2, test: 0.3 };
const METRICS = ["paper.ndcg", "paper.recall"];
const CHOSEN_ON = "paper.ndcg@5";
const PAPER = { gamma: 0.1, beta: 20, lambda: 0.5 };
const SIGMAS = [5, 10, 15, 20, 25];
const overSigmas = (transport) => SIGMAS.map((global) => ({ ...PAPER, transport, threshold: { global } }));
const ARMS = {
  emd: [{ ...PAPER, transport: "emd", marginals: "uniform" }],
  sinkhorn: overSigmas("sinkhorn"),
  rot: overSigmas("relaxed"),
  prorec: [{ ...PAPER, transport: "relaxed" }],
};
const YAHOO = { users: 1_948_882, items: 46_110 };

const [logName = "amusic", ...given] = process.argv.slice(2);
const seeds = given.length > 0 ? given.map(Number) : [1, 2, 3, 4, 5];
const { path, read, parameters } = LOGS[logName];
const log = await readInteractions(
  fileURLToPath(new URL(`../../shared/data/${path}`, import.meta.url)),
  read,
);
const folder = fileURLToPath(new URL(`results/table-3-cells/${logName}/`, import.meta.url));
mkdirSync(folder, { recursive: true });

const cells = {};
for (const [arm, candidates] of Object.entries(ARMS)) {
  cells[arm] = [];
  for (const seed of seeds) {
    const file = `${folder}${arm}-${seed}.json`;
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await measured(seed, candidates)));
    cells[arm].push(JSON.parse(readFileSync(file, "utf8")));
  }
}
const result = {
  log: logName,
  protocol: {
    seeds,
    split: "global",
    shares: SHARES,
    model: "nce-plrec",
    parameters,
    arms: ARMS,
    chosenOn: CHOSEN_ON,
  },
  quality: { nce: summary(cells.emd, "base"), ...mapArms((own) => summary(own, "arm")) },
  validation: mapArms((own) => own.map(({ trials }) => trials)),
  tests: tests(),
  times: mapArms((own) =>
    own.map(({ cpu, transportOverFit, allOverFit }) => ({ cpu, transportOverFit, allOverFit })),
  ),
  machines: mapArms((own) => own.map(({ machine }) => machine)),
  yahoo: await refusal(),
};
const name = logName === "amusic" ? "table-3" : `table-3-${logName}`;
writeFileSync(new URL(`results/${name}.json`, import.meta.url), `${JSON.stringify(result, null, 1)}\n`);
print();

/** One arm on one seed: its best candidate on validation, refitted on train and validation, with the base beside it. */
async function measured(seed, candidates) {
  const { train, validation, test } = splitInteractions(log, { ...SHARES, seed });
  const model = createModel("nce-plrec", { ...parameters, seed });
  const trials = [];
  const early = await model.fit(train);
  for (const settings of candidates) {
    const { interactions } = await denoise(train, { ...settings, model, fitted: early, threads: 1 });
    const fitted = await model.fit(interactions);
    const { means } = await evaluate(fitted, validation, { metrics: METRICS });
    trials.push({ threshold: settings.threshold ?? "personal", value: means[CHOSEN_ON] });
  }
  const values = trials.map(({ value }) => value);
  const settings = candidates[values.indexOf(Math.max(...values))];

  const known = mergeInteractions(train, validation);
  const first = await timed(() => model.fit(known, { threads: 1 }));
  const cleaned = await timed(() => denoise(known, { ...settings, model, fitted: first.value, threads: 1 }));
  const second = await timed(() => model.fit(cleaned.value.interactions, { threads: 1 }));
  const factors = CONTROLS.uniform.weights(cleaned.value, seed);
  const even = known.withWeights(known.matrix.values.map((value, entry) => value * factors[entry]));
  const cpu = { fit: first.cpu, transport: cleaned.cpu, refit: second.cpu };
  return {
    ...{ seed, settings, trials, cpu },
    transportOverFit: cpu.transport / cpu.fit,
    allOverFit: (cpu.fit + cpu.transport + cpu.refit) / cpu.fit,
    machine: {
      cpu: cpus()[0].model,
      cores: availableParallelism(),
      node: process.version,
      load: loadavg()[0],
    },
    base: await tested(first.value, test),
    arm: await tested(second.value, test),
    even: await tested(await model.fit(even), test),
  };
}

async function timed(work) {
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpu: (user + system) / 1e6 };
}

async function tested(fitted, test) {
  const { users, values, means } = await evaluate(fitted, test, { metrics: METRICS });
  const perUser = Object.fromEntries(Object.entries(values).map(([metric, own]) => [metric, [...own]]));
  return { means, users: [...users], perUser };
}

function mapArms(change) {
  return Object.fromEntries(Object.entries(cells).map(([arm, own]) => [arm, change(own, arm)]));
}

function summary(own, which) {
  return Object.fromEntries(
    METRICS.map((metric) => `${metric}@5`).map((metric) => [
      metric,
      meanInterval(Float64Array.from(own, (cell) => cell[which].means[metric])),
    ]),
  );
}

/** Each arm against the base and against its own mean weight for everyone, paired by user; p also by Holm's correction. */
function tests() {
  const found = Object.entries(cells).flatMap(([arm, own]) =>
    ["base", "even"].flatMap((against) =>
      METRICS.map((metric) => `${metric}@5`).map((metric) => ({
        ...{ arm, against: against === "base" ? "nce" : "mean weight", metric },
        ...pairedTest(perUser(own, "arm", metric), perUser(own, against, metric)),
      })),
    ),
  );
  const corrected = holm(found.map(({ tP }) => tP));
  return found.map((test, at) => ({ ...test, holmP: corrected[at] }));
}

/** Every user's mean over the seeds that tested the user. */
function perUser(own, which, metric) {
  const sums = new Float64Array(log.users.size);
  const counts = new Uint32Array(log.users.size);
  for (const { [which]: side } of own) {
    for (const [at, user] of side.users.entries()) {
      sums[user] += side.perUser[metric][at];
      counts[user]++;
    }
  }
  return sums.map((sum, user) => sum / counts[user]).filter((_, user) => counts[user] > 0);
}

/** What EMD says to a log of Yahoo's shape. */
async function refusal() {
  const { users, items } = YAHOO;
  const scores = { kind: "rows", users, items, fill: (_start, _end, out) => out.fill(0) };
  const even = (count) => new Float64Array(count).fill(1 / count);
  try {
    await transport(scores, { users: even(users), items: even(items) }, emd());
  } catch ({ code, message, details }) {
    return { ...YAHOO, code, message, details };
  }
  throw new Error("EMD took a log of Yahoo's shape.");
}

function print() {
  const rows = Object.keys(cells).map((arm) => {
    const of = (against) =>
      result.tests.find((test) => test.arm === arm && test.against === against && test.metric === CHOSEN_ON);
    const quality = result.quality[arm];
    const chosen = cells[arm].map(({ settings }) => settings.threshold?.global).filter(Boolean);
    return [
      `nce + ${arm}${chosen.length > 0 ? `, sigma ${chosen.join(" ")}` : ""}`,
      ...METRICS.map((metric) => decimals(quality[`${metric}@5`].mean)),
      relativeGain(of("nce").difference, result.quality.nce[CHOSEN_ON].mean),
      pValue(of("nce").holmP),
      pValue(of("mean weight").holmP),
      median(cells[arm].map(({ transportOverFit }) => transportOverFit)).toFixed(2),
      median(cells[arm].map(({ allOverFit }) => allOverFit)).toFixed(2),
    ];
  });
  const base = [
    "nce",
    ...METRICS.map((metric) => decimals(result.quality.nce[`${metric}@5`].mean)),
    "",
    "",
    "",
    "",
    "1.00",
  ];
  const header = [
    "arm",
    ...METRICS.map((metric) => `${metric}@5`),
    "over nce",
    "p",
    "p over mean weight",
    "transport / fit",
    "all / fit",
  ];
  console.log(`\n${logName}, seeds ${seeds.join(" ")}\n\n${markdownTable(header, [base, ...rows])}`);
  console.log(`At Yahoo's shape: ${result.yahoo.message}`);
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
