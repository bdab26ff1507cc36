// Every recommender on the three logs of the paper: tuned on validation, then as it is, with ProRec, with T-CE and R-CE
// where it has a loss, and with all controls; global 70/30 cuts. A cell is a log and a model; those with a result are
// not computed again.
//   npm run setup && node experiments/recommenders.mjs [LOG] [MODEL]      (needs ../shared/data; hours for all of it)
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { compare, createModel, MODELS, readInteractions, tune } from "../dist/index.js";

const SHARES = { train: 0.5, validation: 0.2, test: 0.3 };
const METRIC = "paper.ndcg";
const RUNS = 5;
const TRIALS = 20;
const LOGS = {
  "ml-100k": { path: "ml-100k/u.data", read: { minRating: 4 } },
  amusic: { path: "amusic/ratings.tsv" },
  atoy: { path: "atoy/ratings.tsv" },
};
/** Networks are not searched here: their defaults were chosen on validation rows of AMusic and ML-100k. */
const NETWORKS = ["cdae", "vae-cf"];

const folder = fileURLToPath(new URL("results/recommenders/", import.meta.url));
mkdirSync(folder, { recursive: true });
const [onlyLog, onlyModel] = process.argv.slice(2);
for (const [logName, { path, read }] of Object.entries(LOGS)) {
  if (onlyLog !== undefined && logName !== onlyLog) continue;
  const log = await readInteractions(
    fileURLToPath(new URL(`../../shared/data/${path}`, import.meta.url)),
    read,
  );
  for (const name of Object.keys(MODELS)) {
    if (onlyModel !== undefined && name !== onlyModel) continue;
    const file = `${folder}${logName}-${name}.json`;
    if (existsSync(file)) continue;
    const cell = await measured(log, name);
    writeFileSync(file, `${JSON.stringify({ log: logName, model: name, ...cell }, null, 1)}\n`);
    const { base, prorec } = cell.summary;
    console.log(
      `${logName} ${name} ${JSON.stringify(cell.parameters)}: ${METRIC}@5 ${base[`${METRIC}@5`].mean.toFixed(4)}, with ProRec ${prorec[`${METRIC}@5`].mean.toFixed(4)}, ${Math.round(cell.seconds.cpu)} CPU s`,
    );
  }
}

async function measured(log, name) {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const network = NETWORKS.includes(name);
  const search = network
    ? undefined
    : await tune(log, {
        model: name,
        metric: METRIC,
        trials: TRIALS,
        runs: 2,
        split: { by: "global", shares: SHARES },
      });
  const parameters = search?.base.parameters ?? {};
  const rival = (loss) => (seed) => createModel(name, { ...parameters, loss, seed });
  const { runs, summary, tests, verdicts } = await compare(log, {
    model: (seed) => createModel(name, { ...parameters, seed }),
    rivals: network ? { "t-ce": rival("t-ce"), "r-ce": rival("r-ce") } : {},
    split: { by: "global", shares: SHARES },
    runs: RUNS,
    seed: 1,
  });
  const { user, system } = process.cpuUsage(cpu);
  return {
    protocol: { split: "global", shares: SHARES, runs: RUNS, seed: 1, tunedOn: search && `${METRIC}@5` },
    machine: {
      cpu: cpus()[0].model,
      cores: availableParallelism(),
      node: process.version,
      load: loadavg()[0],
    },
    seconds: { wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 },
    parameters: createModel(name, parameters).parameters,
    trials: search?.trials.map(({ parameters, value }) => ({ parameters, value })),
    ...{ runs, summary, tests, verdicts },
  };
}
