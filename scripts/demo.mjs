// The main job on a generated log with known noise, typed as a user would type it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
mkdirSync("demo", { recursive: true });
const started = performance.now();

say(
  "1. A click log with the shape of MovieLens 100K in which one click in ten is an accident, and we know which.",
);
prorec(
  ...[
    "synth",
    "--users",
    "942",
    "--items",
    "1447",
    "--interactions",
    "55375",
    "--noise",
    ".1",
    "--seed",
    "1",
  ],
  ...["-o", "demo/clicks.csv", "--truth", "demo/truth.csv"],
);

say("2. Clean it: every row comes back with a weight and a verdict, the flagged ones also with a reason.");
prorec("denoise", "demo/clicks.csv", "-o", "demo/clean.csv", "--flagged", "demo/flagged.csv", "--seed", "1");
say("   The worst of them:");
console.log(readFileSync("demo/flagged.csv", "utf8").split("\n", 4).join("\n"));

say("3. How much of the noise was found? The same question to two baselines that need no ProRec.");
const score = JSON.parse(prorec("noise", "score", "--truth", "demo/truth.csv", "demo/clean.csv", "--json"));
const { popularity, rawScore } = score.controls;
console.table({
  "ProRec's match": figures(score),
  "the item's popularity": figures(popularity),
  "the model's raw score": figures(rawScore),
});
const percent = (share) => `${(100 * share).toFixed(1)}%`;
say(
  `ProRec flagged ${percent(score.flaggedShare)} of all clicks and so found ${percent(score.hitRatio)} of the accidents;`,
  `of its flags ${percent(score.precision)} are right. A hit ratio says nothing without the flagged share beside it:`,
  "compare the rankings (area under the ROC curve: .5 is chance, 1 is perfect).",
);
const realLogs = [
  { name: "MovieLens 100K", path: "../shared/data/ml-100k/u.data", options: ["--min-rating", "4"] },
  { name: "Amazon music", path: "../shared/data/amusic/ratings.tsv", options: [] },
  { name: "Amazon toys", path: "../shared/data/atoy/ratings.tsv", options: [] },
];
for (const { name, path, options } of realLogs.filter(({ path }) => existsSync(path))) {
  say(`The same on a real log, ${name}:`);
  prorec("denoise", path, ...options, "-o", `demo/${basename(dirname(path))}.csv`, "--seed", "1");
}
say(
  `Done in ${((performance.now() - started) / 1000).toFixed(1)} s. The files:`,
  "  demo/clicks.csv   the log         demo/truth.csv    which clicks are accidents",
  "  demo/clean.csv    the clean log   demo/flagged.csv  the flagged clicks, worst first, with reasons",
);

function say(...lines) {
  console.log(`\n${lines.join("\n")}`);
}

/** Shows the command line, runs it, returns what `--json` printed. */
function prorec(...args) {
  const json = args.includes("--json");
  console.log(`$ prorec ${args.join(" ")}`);
  const { status, stdout } = spawnSync(process.execPath, ["dist/cli/main.js", ...args], {
    stdio: ["ignore", json ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

function figures({ rocAuc, averagePrecision }) {
  return { "area under ROC": round(rocAuc), "average precision": round(averagePrecision) };
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
