import { denoise } from "../denoise/prorec.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import { ArmResults, pairedTests } from "../evaluate/arms.ts";
import type { Comparison } from "../evaluate/compare.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { splitInteractions } from "../interactions/split.ts";
import { createModel } from "../models/models.ts";
import { decimals, markdownTable, plusMinus, pValue, relativeGain } from "../report/table.ts";
import type { Cell, Found, Stored, Workbench } from "./cell.ts";
import { corrected } from "./corrected.ts";
import { type LogName, shortTitle } from "./logs.ts";
import { COLOURS, picture } from "./picture.ts";
import { TUNED } from "./tuned.ts";

/** The paper's grids, and what it takes by default. zeta is the base's own regularization. */
const GRIDS = {
  lambda: { values: [0.25, 0.5, 0.75, 1], usual: 0.5 },
  gamma: { values: [0.05, 0.075, 0.1, 0.125, 0.15, 0.175], usual: 0.1 },
  beta: { values: [1, 5, 10, 20, 50], usual: 20 },
  zeta: { values: [0.0005, 0.001, 0.005, 0.01], usual: undefined },
} as const;
export type Hyperparameter = keyof typeof GRIDS;
export const HYPERPARAMETERS = Object.keys(GRIDS) as Hyperparameter[];
export const SENSITIVITY_LOGS: readonly LogName[] = ["ml-100k", "amusic"];
const SHARES = { train: 0.7, test: 0.3 };
const METRIC = "paper.ndcg@5";

/** Arms "base" and the values of the hyper-parameter; for zeta, which changes the base, "base VALUE" too. */
export interface SensitivityCell extends Pick<Comparison, "runs" | "summary" | "tests"> {
  readonly log: LogName;
  readonly varied: Hyperparameter;
  readonly parameters: Readonly<Record<string, number | string>>;
}

export const SENSITIVITY_CELLS: readonly (Cell & { readonly quick: boolean })[] = SENSITIVITY_LOGS.flatMap(
  (log) =>
    HYPERPARAMETERS.map((varied) => ({
      name: nameOf(log, varied),
      logs: [log],
      compute: (bench: Workbench) => measured(log, varied, bench),
      quick: log === "ml-100k" && varied === "lambda",
    })),
);

export function sensitivityOf(
  found: Found,
  log: LogName,
  varied: Hyperparameter,
): Stored<SensitivityCell> | undefined {
  return found<SensitivityCell>(nameOf(log, varied));
}

function nameOf(log: LogName, varied: Hyperparameter): string {
  return `figure-2/${log}-${varied}`;
}

async function measured(name: LogName, varied: Hyperparameter, bench: Workbench): Promise<SensitivityCell> {
  const log = await bench.log(name);
  const { threads, engine, signal } = bench;
  const run = { threads, engine, signal };
  const tuned = TUNED[name]["nce-plrec"]!;
  const results = new ArmResults(log.users);
  for (const [done, seed] of bench.seeds.entries()) {
    bench.onProgress?.({ stage: `${name} ${varied}`, done, total: bench.seeds.length });
    const { train, test } = splitInteractions(log, { ...SHARES, seed });
    const model = createModel("nce-plrec", { ...tuned, seed });
    const base = await model.fit(train, run);
    const tested = { metrics: ["paper.ndcg"] as const, signal };
    results.add(seed, "base", await evaluate(base, test, tested));
    for (const value of GRIDS[varied].values) {
      const own =
        varied === "zeta" ? createModel("nce-plrec", { ...tuned, regularization: value, seed }) : model;
      const fitted = varied === "zeta" ? await own.fit(train, run) : base;
      if (varied === "zeta") results.add(seed, `base ${value}`, await evaluate(fitted, test, tested));
      const settings: Partial<DenoiseSettings> = varied === "zeta" ? {} : { [varied]: value };
      const { interactions } = await denoise(train, { ...settings, ...run, model: own, fitted });
      results.add(seed, String(value), await evaluate(await own.fit(interactions, run), test, tested));
    }
  }
  return {
    ...{ log: name, varied, runs: results.runs, summary: results.summary() },
    parameters: createModel("nce-plrec", tuned).parameters,
    tests: pairedTests(results.perUser().values),
  };
}

/** The cells there are, p of the arms against the base corrected over all of them. */
function cellsOf(found: Found): Stored<SensitivityCell>[] {
  const cells = SENSITIVITY_CELLS.map(({ name }) => found<SensitivityCell>(name)).filter(
    (each) => each !== undefined,
  );
  return corrected(cells);
}

export function sensitivityData(found: Found): unknown {
  return cellsOf(found);
}

/** Largest minus smallest N@5 over the values, as a share of the base's. */
export function spreadOf({ summary, varied }: SensitivityCell): number {
  const means = GRIDS[varied].values.map((value) => summary[String(value)]![METRIC]!.mean);
  return (Math.max(...means) - Math.min(...means)) / summary.base![METRIC]!.mean;
}

/** The value with the largest N@5. */
export function bestOf({ summary, varied }: SensitivityCell): number {
  const mean = (value: number) => summary[String(value)]![METRIC]!.mean;
  return GRIDS[varied].values.reduce((best, value) => (mean(value) > mean(best) ? value : best) as never);
}

export function sensitivityMarkdown(found: Found): string {
  const cells = cellsOf(found);
  if (cells.length === 0) return "";
  const rows = cells.flatMap(({ log, varied, summary, tests }) =>
    GRIDS[varied].values.map((value) => {
      const base = summary.base![METRIC]!.mean;
      const { difference, tP } = tests.find(
        ({ arm, against }) => arm === String(value) && against === "base",
      )!;
      return [
        `${shortTitle(log)}, ${varied} ${value}${value === GRIDS[varied].usual ? " (the paper's)" : ""}`,
        plusMinus(summary[String(value)]![METRIC]!),
        relativeGain(difference, base),
        pValue(tP),
        varied === "zeta" ? decimals(summary[`base ${value}`]![METRIC]!.mean) : decimals(base),
      ];
    }),
  );
  return `NCE-PLRec with the settings of Table II and ProRec, 70/30, the paper's NDCG@5; one hyper-parameter at a time, the others at the paper's values
(gamma .1, beta 20, lambda .5). lambda 1 changes no weight. zeta is the regularization of NCE-PLRec, which the paper's grid keeps far below
what our search found (${(["ml-100k", "amusic"] as const).map((log) => TUNED[log]["nce-plrec"]!.regularization).join(", ")}): its rows in the table compare with the tuned base, and their own base without ProRec stands in the last column; in the picture they compare with that one. p:
paired by user, corrected by Holm's method over this table.

![N@5 for each value](reproduction/figure-2bc.svg)

${markdownTable(["hyper-parameter", "N@5", "against the base", "p", "without ProRec"], rows)}`;
}

export async function sensitivityPictures(found: Found): Promise<Record<string, string>> {
  const cells = cellsOf(found);
  if (cells.length === 0) return {};
  const { axisX, axisY, dot, line, ruleX, ruleY, text } = await import("@observablehq/plot");
  const points = cells.flatMap(({ log, varied, summary }) =>
    GRIDS[varied].values.map((value, index, values) => {
      const base = summary[varied === "zeta" ? `base ${value}` : "base"]![METRIC]!.mean;
      const { mean, low, high } = summary[String(value)]![METRIC]!;
      const over = (level: number | null) => 100 * ((level ?? mean) / base - 1);
      const place = index / (values.length - 1);
      const name = String(value).replace(/^0/, "");
      return { panel: panelOf(log), varied, place, name, y: over(mean), low: over(low), high: over(high) };
    }),
  );
  const panel = { fx: "panel", fy: "varied" } as const;
  const rows = HYPERPARAMETERS.filter((varied) => cells.some((each) => each.varied === varied));
  const columns = SENSITIVITY_LOGS.filter((log) => cells.some((each) => each.log === log));
  return {
    "figure-2bc.svg": await picture(
      "Change of N@5 against NCE for each value of lambda, gamma, beta and zeta",
      {
        height: 55 + 126 * rows.length,
        ...{ marginLeft: 46, marginRight: 64, marginBottom: 24 },
        x: { domain: [-0.1, 1.1] },
        y: { nice: true, grid: true },
        fx: { domain: columns.map(panelOf), label: null, padding: 0.08 },
        fy: { domain: rows, label: null, padding: 0.25 },
        marks: [
          axisX({ ticks: [], label: null }),
          axisY({ label: null, ticks: 3 }),
          ruleY([0], { stroke: COLOURS.grey }),
          ruleX(points, {
            ...panel,
            x: "place",
            y1: "low",
            y2: "high",
            stroke: COLOURS.blue,
            strokeOpacity: 0.5,
          }),
          line(points, { ...panel, x: "place", y: "y", stroke: COLOURS.blue, strokeWidth: 2 }),
          dot(points, { ...panel, x: "place", y: "y", fill: COLOURS.blue, r: 3 }),
          text(points, { ...panel, x: "place", text: "name", frameAnchor: "bottom", dy: 15 }),
        ],
      },
    ),
  };
}

function panelOf(log: LogName): string {
  return `${shortTitle(log)}: N@5 over NCE (%)`;
}
