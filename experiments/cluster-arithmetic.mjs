// Prints the table of docs/cluster-arithmetic.md: what a run costs on a cluster, from the shape of its log. Memory and bytes are
// added up by src/cluster/estimate.ts; times are scaled from bench/results/growth.json. Nothing is measured here.
//   node experiments/cluster-arithmetic.mjs
import { readFileSync } from "node:fs";
import { estimateCluster } from "../dist/cluster/estimate.js";

/** Bytes of a WebAssembly memory, and entries of a JavaScript Map, by which ids are found: at most. */
const KERNEL_MOST = 2 ** 32;
const IDS_MOST = 2 ** 24;
const THREADS = 8;
const WORKERS = 16;
/** Bytes a second between a machine and the store: 10 Gbit/s. Assumed. */
const NETWORK = 1.25e9;
/** Operations a second of orthonormalisation, on the run's one thread. Assumed. */
const SERIAL = 2e9;
/** Sparse products of the fit, each after an orthonormalisation. */
const PRODUCTS = 8;

const growth = JSON.parse(readFileSync(new URL("../bench/results/growth.json", import.meta.url), "utf8"));
const whole = growth.find(({ part }) => part === "1");
const rates = (() => {
  const { shape, seconds, threads, certificate } = whole;
  const { users, items, interactions } = shape;
  const pairs = users * items * (1 + certificate.nearShare);
  return {
    pair: (seconds.transport * threads) / (pairs * 100),
    fit: (seconds.fit * threads) / (interactions * 110),
    read: seconds.read / interactions,
    write: seconds.write / interactions,
    nearShare: certificate.nearShare,
  };
})();

const cases = [
  { name: "Yahoo's shape", users: 1_948_882, items: 46_110, interactions: 48_817_561, factors: 100 },
  { name: "200M x 1M", users: 8e6, items: 1e6, interactions: 2e8, factors: 100 },
  { name: "1B x 10M", users: 16e6, items: 10e6, interactions: 1e9, factors: 32 },
  { name: "1B x 10M", users: 16e6, items: 10e6, interactions: 1e9, factors: 50 },
  { name: "1B x 10M", users: 16e6, items: 10e6, interactions: 1e9, factors: 100 },
];

function row({ name, ...shape }) {
  const { users, items, interactions, factors } = shape;
  const bytes = estimateCluster({ ...shape, threads: THREADS, nearShare: rates.nearShare });
  const width = factors + 10;
  const transport = rates.pair * users * items * (1 + rates.nearShare) * factors;
  const fit = rates.fit * interactions * width;
  const orthonormal = (PRODUCTS * 4 * Math.min(users, items) * width ** 2) / SERIAL;
  const moved = (WORKERS * bytes.inputs + bytes.results) / NETWORK;
  const own = rates.read * interactions + rates.write * interactions + orthonormal;
  const limits = [
    bytes.kernelMemory > KERNEL_MOST ? "a thread's kernels need more than 4 GiB" : "",
    users > IDS_MOST || items > IDS_MOST ? "more ids than a Map holds" : "",
  ].filter(Boolean);
  return [
    name,
    `${users / 1e6 < 10 ? (users / 1e6).toFixed(1) : Math.round(users / 1e6)}M`,
    factors,
    gigabytes(bytes.runMemory),
    gigabytes(bytes.workerMemory),
    gigabytes(bytes.kernelMemory),
    gigabytes(bytes.inputs),
    gigabytes(bytes.results),
    hours(transport + fit),
    hours((transport + fit) / (WORKERS * THREADS)),
    hours(own),
    hours(moved),
    limits.join("; ") || "none",
  ];
}

function gigabytes(bytes) {
  return bytes < 1e10 ? (bytes / 1e9).toFixed(1) : String(Math.round(bytes / 1e9));
}

function hours(seconds) {
  return seconds < 36_000 ? (seconds / 3600).toFixed(2) : String(Math.round(seconds / 3600));
}

const head = [
  ...["log", "users", "factors", "run's memory, GB", `worker's memory, GB (${THREADS} threads)`],
  ...[
    "of it a thread's kernels, GB",
    "inputs, GB (each worker reads them)",
    "results, GB (the run reads them)",
  ],
  ...[
    "work, thread-hours",
    `on ${WORKERS} workers, hours`,
    "the run's own part, hours",
    "moving bytes, hours",
    "in the way",
  ],
];
const lines = [head, head.map(() => "---"), ...cases.map(row)].map((cells) => `| ${cells.join(" | ")} |`);
console.log(lines.join("\n"));
