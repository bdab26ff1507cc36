import { denoise } from "../denoise/prorec.ts";
import { ArmResults, pairedTests } from "../evaluate/arms.ts";
import type { Comparison } from "../evaluate/compare.ts";
import { CONTROLS } from "../evaluate/controls.ts";
import type { Detection } from "../evaluate/detection.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { scoreNoise } from "../evaluate/noise-score.ts";
import { type MeanInterval, meanInterval } from "../evaluate/significance.ts";
import { type Corrupted, corrupt } from "../interactions/corrupt.ts";
import { Interactions } from "../interactions/interactions.ts";
import { mergeInteractions, splitInteractions } from "../interactions/split.ts";
import { createModel } from "../models/models.ts";
import { decimals, markdownTable, percent, plusMinus, pValue, relativeGain } from "../report/table.ts";
import type { Cell, Found, Stored, Workbench } from "./cell.ts";
import { corrected } from "./corrected.ts";
import { withFlippedRatings } from "./flipped-ratings.ts";
import { PAPER_FIGURE_2 } from "./paper.ts";
import { COLOURS, picture } from "./picture.ts";
import { TUNED } from "./tuned.ts";

/** What "flip labels in the train set" may mean. */
const READINGS = {
  added: "clicks on random unseen items put into the training part",
  replaced: "random training clicks, each replaced by one on a random unseen item of the same user",
  flipped: "ratings below 4, which are no positives, taken into the training part as if they were",
} as const;
type Reading = keyof typeof READINGS;
const RATES = [0.05, 0.1, 0.15, 0.2];
const SHARES = { train: 0.8, test: 0.2 };
const METRICS = ["paper.recall", "paper.ndcg"] as const;
const METRIC = "paper.recall@5";
const FIGURES = ["hitRatio", "flaggedShare", "precision", "rocAuc", "averagePrecision"] as const;
type Figures = Readonly<Record<(typeof FIGURES)[number], MeanInterval | null>>;
/** Weights dealt out within users, at mean 1, users balanced. */
const SHOWN_CONTROLS = ["shuffled", "mean-1", "user-balance"] as const;

export interface NoiseCell extends Pick<Comparison, "runs" | "summary" | "tests"> {
  readonly reading: Reading | "clean";
  readonly rate: number;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** By ProRec's flags and match, and by two yardsticks that flag as many. */
  readonly detection: { readonly [by in "prorec" | "popularity" | "rawScore"]: Figures };
}

export const NOISE_CELLS: readonly (Cell & { readonly quick: boolean })[] = [
  { ...noiseCell("clean", 0), quick: true },
  ...(Object.keys(READINGS) as Reading[]).flatMap((reading) =>
    RATES.map((rate) => ({ ...noiseCell(reading, rate), quick: rate === 0.2 })),
  ),
];

function nameOf(reading: Reading | "clean", rate: number): string {
  return rate === 0 ? "figure-2/clean" : `figure-2/${reading}-${Math.round(100 * rate)}`;
}

function noiseCell(reading: Reading | "clean", rate: number): Cell {
  return {
    name: nameOf(reading, rate),
    logs: ["ml-100k"],
    compute: (bench) => measured(reading, rate, bench),
  };
}

async function measured(reading: Reading | "clean", rate: number, bench: Workbench): Promise<NoiseCell> {
  const log = await bench.log("ml-100k");
  const { threads, engine, signal } = bench;
  const run = { threads, engine, signal };
  const parameters = TUNED["ml-100k"]["nce-plrec"]!;
  const results = new ArmResults(log.users);
  const detections: { [by in keyof NoiseCell["detection"]]: Detection[] } = {
    prorec: [],
    popularity: [],
    rawScore: [],
  };
  for (const [done, seed] of bench.seeds.entries()) {
    bench.onProgress?.({ stage: `${reading} ${percent(rate)}`, done, total: bench.seeds.length });
    const { train, test } = splitInteractions(log, { ...SHARES, seed });
    const {
      interactions: noisy,
      noise: truth,
      removed,
    } = await corrupted(reading, rate, seed, train, test, bench);
    const excluded = removed
      ? mergeInteractions(noisy, new Interactions(log.users, log.items, removed)).matrix
      : noisy.matrix;
    const model = createModel("nce-plrec", { ...parameters, seed });
    const base = await model.fit(noisy, run);
    const denoised = await denoise(noisy, { ...run, model, fitted: base });
    const weights: Record<string, Float32Array> = {
      prorec: denoised.weights,
      oracle: Float32Array.from(truth, (flag) => 1 - flag),
      ...Object.fromEntries(SHOWN_CONTROLS.map((name) => [name, CONTROLS[name]!.weights(denoised, seed)])),
    };
    const tested = { metrics: METRICS, excluded, signal };
    results.add(seed, "base", await evaluate(base, test, tested));
    for (const [arm, own] of Object.entries(weights)) {
      results.add(seed, arm, await evaluate(await model.fit(noisy.withWeights(own), run), test, tested));
    }
    const { match } = denoised.matching;
    const { controls, ...ours } = await scoreNoise(
      { interactions: noisy, match, flags: denoised.noise, truth },
      { ...run, seed },
    );
    detections.prorec.push(ours);
    detections.popularity.push(controls.popularity);
    detections.rawScore.push(controls.rawScore);
  }
  return {
    ...{ reading, rate, runs: results.runs, summary: results.summary() },
    parameters: createModel("nce-plrec", parameters).parameters,
    tests: pairedTests(results.perUser().values).filter(({ metric }) => metric === METRIC),
    detection: {
      prorec: figuresOf(detections.prorec),
      popularity: figuresOf(detections.popularity),
      rawScore: figuresOf(detections.rawScore),
    },
  };
}

async function corrupted(
  reading: Reading | "clean",
  rate: number,
  seed: number,
  train: Interactions,
  test: Interactions,
  bench: Workbench,
): Promise<Corrupted> {
  if (reading === "flipped")
    return withFlippedRatings(train, { rate, seed, data: bench.data, signal: bench.signal });
  return corrupt(train, { kind: reading === "replaced" ? "replace" : "add", rate, seed, avoid: test });
}

function figuresOf(detections: readonly Detection[]): Figures {
  const of = (figure: (typeof FIGURES)[number]) => {
    const values = detections.map((each) => each[figure]).filter((value) => value !== null);
    return values.length === 0 ? null : meanInterval(Float64Array.from(values));
  };
  return Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Figures;
}

/** The cells there are, p corrected over all of them. */
export function noiseCells(found: Found): Stored<NoiseCell>[] {
  const cells = NOISE_CELLS.map(({ name }) => found<NoiseCell>(name)).filter((each) => each !== undefined);
  return corrected(cells);
}

export function noiseData(found: Found): unknown {
  return { paper: PAPER_FIGURE_2, cells: noiseCells(found) };
}

export function noiseMarkdown(found: Found): string {
  const cells = noiseCells(found);
  if (cells.length === 0) return "";
  const mean = (value: MeanInterval | null) => value?.mean ?? null;
  const detection = cells
    .filter(({ rate }) => rate > 0)
    .flatMap(({ reading, rate, detection }) =>
      (["prorec", "popularity", "rawScore"] as const).map((by) => [
        `${reading} ${percent(rate).replace(".0", "")}, by ${BY[by]}`,
        ...(["hitRatio", "flaggedShare", "precision"] as const).map((figure) =>
          percent(mean(detection[by][figure])),
        ),
        ...(["rocAuc", "averagePrecision"] as const).map((figure) =>
          decimals(mean(detection[by][figure]), 3),
        ),
      ]),
    );
  const recall = cells.map(({ reading, rate, summary, tests }) => {
    const gain = (arm: string) => {
      const { difference, tP } = tests.find((test) => test.arm === arm && test.against === "base")!;
      return `${relativeGain(difference, summary.base![METRIC]!.mean)} (${pValue(tP)})`;
    };
    return [
      rate === 0 ? "clean" : `${reading} ${percent(rate).replace(".0", "")}`,
      rate === 0.2 ? decimals(PAPER_FIGURE_2.recall.base) : "",
      plusMinus(summary.base![METRIC]!),
      rate === 0.2 ? decimals(PAPER_FIGURE_2.recall.prorec) : "",
      plusMinus(summary.prorec![METRIC]!),
      ...["prorec", "oracle", ...SHOWN_CONTROLS].map(gain),
    ];
  });
  const clean = cells.find(({ rate }) => rate === 0);
  const header = [
    "noise",
    "paper's NCE",
    "NCE",
    "paper's + ProRec",
    "+ ProRec",
    "gain",
    "oracle",
    ...SHOWN_CONTROLS,
  ];
  return `ML-100k (ratings of 4 and more), 4:1 split, NCE-PLRec with the settings tuned on the clean log. Three readings of "flip
labels in the train set": ${Object.entries(READINGS)
    .map(([name, what]) => `**${name}**: ${what}`)
    .join("; ")}.

![Hit ratio and what belongs beside it](reproduction/figure-2a-detection.svg)
![Recall with and without ProRec](reproduction/figure-2a-recall.svg)

The paper reports a hit ratio of about ${percent(PAPER_FIGURE_2.hitRatio)} at every level of noise. So do we, because nearly everything is flagged${
    clean ? `: ${percent(clean.detection.prorec.flaggedShare!.mean)} of the clean log too` : ""
  }. Beside it: items' popularity and a raw SVD score of rank 10 that flag as many clicks. Random flags have a precision equal to the share of noise and
a ROC-AUC of .5.

${markdownTable(["noise", "hit ratio", "flagged", "precision", "ROC-AUC", "average precision"], detection)}
Recall@5 (the paper's definition), means over the seeds ± half of the 95% interval; gains over NCE with p, paired by user and corrected by Holm's method over this
table. The oracle removes exactly the noise. What an arm drops is no candidate of its own, and neither is a click that was
replaced.

${markdownTable(header, recall)}`;
}

const BY = { prorec: "ProRec", popularity: "popularity", rawScore: "raw score" } as const;

export async function noisePictures(found: Found): Promise<Record<string, string>> {
  const cells = noiseCells(found);
  if (cells.length === 0) return {};
  const { axisX, line, dot, ruleY, text } = await import("@observablehq/plot");
  const series = (
    points: { x: number; y: number; reading: string; what: string }[],
    colours: Record<string, string>,
  ) => [
    line(points, {
      x: "x",
      y: "y",
      fx: "reading",
      stroke: (point) => colours[point.what],
      z: "what",
      strokeWidth: 2,
    }),
    dot(points, { x: "x", y: "y", fx: "reading", fill: (point) => colours[point.what], r: 3 }),
  ];
  const readings = Object.keys(READINGS);
  const detectionColours = {
    "hit ratio": COLOURS.orange,
    "flagged share": COLOURS.grey,
    "ROC-AUC": COLOURS.blue,
    precision: COLOURS.green,
  };
  const recallColours = { NCE: COLOURS.grey, "+ ProRec": COLOURS.orange, oracle: COLOURS.green };
  const detection = cells
    .filter(({ rate }) => rate > 0)
    .flatMap(({ reading, rate, detection: { prorec } }) =>
      (
        [
          ["hit ratio", prorec.hitRatio],
          ["flagged share", prorec.flaggedShare],
          ["ROC-AUC", prorec.rocAuc],
          ["precision", prorec.precision],
        ] as const
      ).map(([what, value]) => ({ reading, x: 100 * rate, y: value!.mean, what })),
    );
  const recall = cells.flatMap(({ reading, rate, summary }) =>
    (reading === "clean" ? readings : [reading]).flatMap((shown) =>
      (
        [
          ["NCE", "base"],
          ["+ ProRec", "prorec"],
          ["oracle", "oracle"],
        ] as const
      ).map(([what, arm]) => ({ reading: shown, x: 100 * rate, y: summary[arm]![METRIC]!.mean, what })),
    ),
  );
  const common = {
    height: 250,
    marginLeft: 46,
    marginBottom: 40,
    marginTop: 46,
    fx: { domain: readings, label: null, padding: 0.12 },
  };
  const x = axisX({
    label: "noise (%)",
    ticks: [0, 5, 10, 15, 20],
    labelAnchor: "center",
    labelArrow: "none",
  });
  return {
    "figure-2a-detection.svg": await picture(
      "Hit ratio, flagged share, ROC-AUC and precision by share of noise",
      {
        ...common,
        x: { domain: [0, 21] },
        y: { domain: [0, 1], label: null, grid: true },
        marks: [x, ruleY([0]), ...series(detection, detectionColours), ...legend(detectionColours)],
      },
    ),
    "figure-2a-recall.svg": await picture(
      "Recall@5 of NCE, with ProRec, and with the noise removed, by share of noise",
      {
        ...common,
        x: { domain: [0, 21] },
        y: { label: null, grid: true, nice: true, tickFormat: (value: number) => decimals(value, 3) },
        marks: [x, ...series(recall, recallColours), ...legend(recallColours)],
      },
    ),
  };

  /** Words in the lines' colours, above the panels. */
  function legend(colours: Record<string, string>) {
    let left = -30;
    return Object.entries(colours).map(([name, fill]) => {
      const place = { frameAnchor: "top-left", fx: () => readings[0], dx: left, dy: -44 } as const;
      left += 34 + 8 * name.length;
      return text([`● ${name}`], { ...place, fill, fontWeight: 600 });
    });
  }
}
