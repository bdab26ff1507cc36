import { denoise } from "../denoise/prorec.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import { ProRecError } from "../errors.ts";
import { ArmResults, pairedTests } from "../evaluate/arms.ts";
import type { Comparison } from "../evaluate/compare.ts";
import { CONTROLS } from "../evaluate/controls.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { mergeInteractions, splitInteractions } from "../interactions/split.ts";
import { createModel } from "../models/models.ts";
import { decimals, markdownTable, plusMinus, pValue, relativeGain } from "../report/table.ts";
import { emd } from "../transport/solvers.ts";
import { transport } from "../transport/transport.ts";
import type { Cell, Found, Stored, Target, Workbench } from "./cell.ts";
import { corrected } from "./corrected.ts";
import { LOG_TITLES, type LogName } from "./logs.ts";
import { median, timed } from "./measure.ts";
import { PAPER_TABLE_1, PAPER_TABLE_3 } from "./paper.ts";
import { searched } from "./table-2.ts";
import { TUNED } from "./tuned.ts";

export interface Table3Cell extends Pick<Comparison, "runs" | "summary" | "tests"> {
  readonly log: LogName;
  readonly arm: Arm;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** The threshold chosen on each seed's validation rows, and what each candidate was worth there. */
  readonly chosen: readonly { readonly threshold: Threshold; readonly values: readonly number[] }[];
  /** CPU seconds on one thread, seed by seed. */
  readonly times: readonly Times[];
}

type Threshold = DenoiseSettings["threshold"];

interface Times {
  readonly fit: number;
  readonly transport: number;
  readonly refit: number;
}

const SHARES = { train: 0.5, validation: 0.2, test: 0.3 };
const METRICS = ["paper.ndcg", "paper.recall"] as const;
const CHOSEN_ON = "paper.ndcg@5";
const SETTINGS = { gamma: 0.1, beta: 20, lambda: 0.5 };
const SIGMAS = [5, 10, 15, 20, 25];
/** The best of the paper; what --quick takes without a search. */
const SIGMA = 10;
/** Threshold for everyone after sigma items, or a personal one. */
const SOLVERS = {
  emd: { transport: "emd", marginals: "uniform", global: false },
  sinkhorn: { transport: "sinkhorn", marginals: "popularity", global: true },
  rot: { transport: "relaxed", marginals: "popularity", global: true },
  prorec: { transport: "relaxed", marginals: "popularity", global: false },
} as const;
export type Arm = keyof typeof SOLVERS;
const TABLE_3_ARMS = Object.keys(SOLVERS) as Arm[];
const LOGS: readonly LogName[] = ["amusic", "yahoo-shaped", "ml-100k"];
const REFUSAL = "table-3/yahoo-emd";

/** Table III: NCE-PLRec denoised by EMD, Sinkhorn, ROT and ProRec: quality, and time as a multiple of NCE's. */
export const table3: Target = {
  title: "Table III: parts of ProRec",
  cells(quick) {
    const logs: readonly LogName[] = quick ? ["ml-100k"] : LOGS;
    return [...logs.flatMap((log) => TABLE_3_ARMS.map((arm) => cell(log, arm))), refusalCell];
  },
  render(found) {
    const tested = table3Cells(found);
    const parts = LOGS.map((log) =>
      section(
        log,
        tested.filter((each) => each.log === log),
      ),
    );
    const refusal = found<Refusal>(REFUSAL);
    if (refusal) parts.push(`EMD at Yahoo's own shape: "${refusal.message}"\n`);
    return { markdown: [INTRODUCTION, ...parts].join("\n"), data: tested, pictures: {} };
  },
};

/** The cells there are, with their tests of N@5, p corrected over all of them. */
export function table3Cells(found: Found): Stored<Table3Cell>[] {
  const cells = LOGS.flatMap((log) => TABLE_3_ARMS.map((arm) => found<Table3Cell>(cell(log, arm).name)));
  return corrected(
    cells
      .filter((each) => each !== undefined)
      .map((each) => ({ ...each, tests: each.tests.filter(({ metric }) => metric === CHOSEN_ON) })),
  );
}

/** Median over the seeds of CPU time, as multiples of the first fit's: the transport's, and that of all. */
export function multiples({ times }: Table3Cell): { transport: number; all: number } {
  return {
    transport: median(times.map(({ fit, transport }) => transport / fit)),
    all: median(times.map(({ fit, transport, refit }) => (fit + transport + refit) / fit)),
  };
}

function cell(log: LogName, arm: Arm): Cell {
  return { name: `table-3/${log}-${arm}`, logs: [log], compute: (bench) => measured(log, arm, bench) };
}

async function measured(name: LogName, arm: Arm, bench: Workbench): Promise<Table3Cell> {
  const { global, ...solver } = SOLVERS[arm];
  const log = await bench.log(name);
  const run = { threads: 1, engine: bench.engine, signal: bench.signal };
  const parameters = TUNED[name]["nce-plrec"] ?? (await searched(name, "nce-plrec", bench)).base.parameters;
  const sigmas = bench.quick ? [SIGMA] : SIGMAS;
  const thresholds: Threshold[] = global ? sigmas.map((sigma) => ({ global: sigma })) : ["personal"];
  const results = new ArmResults(log.users);
  const chosen: { threshold: Threshold; values: number[] }[] = [];
  const times: Times[] = [];
  for (const [done, seed] of bench.seeds.entries()) {
    bench.onProgress?.({ stage: `${name} ${arm}`, done, total: bench.seeds.length });
    const { train, validation, test } = splitInteractions(log, { ...SHARES, seed });
    const model = createModel("nce-plrec", { ...parameters, seed });
    const values: number[] = [];
    const early = thresholds.length > 1 ? await model.fit(train, run) : undefined;
    for (const threshold of early ? thresholds : []) {
      const { interactions } = await denoise(train, {
        ...{ ...SETTINGS, ...solver, ...run, threshold, model, fitted: early },
      });
      const { means } = await evaluate(await model.fit(interactions, run), validation, {
        metrics: ["paper.ndcg"],
      });
      values.push(means[CHOSEN_ON]!);
    }
    const threshold = thresholds[Math.max(0, values.indexOf(Math.max(...values)))]!;
    chosen.push({ threshold, values });

    const known = mergeInteractions(train, validation);
    const first = await timed(() => model.fit(known, run));
    const cleaned = await timed(() =>
      denoise(known, { ...SETTINGS, ...solver, ...run, threshold, model, fitted: first.value }),
    );
    const second = await timed(() => model.fit(cleaned.value.interactions, run));
    times.push({ fit: first.cpu, transport: cleaned.cpu, refit: second.cpu });
    const factors = CONTROLS.uniform!.weights(cleaned.value, seed);
    const even = await model.fit(known.withWeights(factors), run);
    for (const [name, fitted] of Object.entries({ base: first.value, prorec: second.value, uniform: even })) {
      results.add(seed, name, await evaluate(fitted, test, { metrics: METRICS }));
    }
  }
  return {
    ...{ log: name, arm, chosen, times, runs: results.runs, summary: results.summary() },
    parameters: createModel("nce-plrec", parameters).parameters,
    tests: pairedTests(results.perUser().values),
  };
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** What EMD says to a log of Yahoo's shape. */
const refusalCell: Cell = {
  name: REFUSAL,
  logs: [],
  async compute(): Promise<Refusal> {
    const { users, items } = PAPER_TABLE_1.yahoo;
    const scores = {
      ...({ kind: "rows", users, items } as const),
      fill: (_start: number, _end: number, out: Float32Array) => void out.fill(0),
    };
    const even = (count: number) => new Float64Array(count).fill(1 / count);
    try {
      await transport(scores, { users: even(users), items: even(items) }, emd());
    } catch (error) {
      if (error instanceof ProRecError) return { code: error.code, message: error.message };
      throw error;
    }
    throw new Error("EMD took a log of Yahoo's shape.");
  },
};

function section(log: LogName, own: readonly Stored<Table3Cell>[]): string {
  if (own.length === 0) return "";
  const paper = PAPER_TABLE_3[log];
  const nce = paper?.nce;
  const { summary, parameters } = own[0]!;
  const { seed: _, ...settings } = parameters;
  const base = [
    "nce",
    ...METRICS.flatMap((metric, index) => [
      decimals(paper?.nce?.[index] ?? null),
      plusMinus(summary.base![`${metric}@5`]!),
    ]),
    ...["", "", "", "", "1.00", paper ? "1.00" : "-"],
  ];
  const rows = own.map(({ arm, summary, tests, chosen, ...cell }) => {
    const against = (treated: string, other: string) =>
      tests.find((test) => test.arm === treated && test.against === other)!;
    const theirs = paper?.[arm];
    const sigmas = chosen.map(({ threshold }) => (typeof threshold === "object" ? threshold.global : ""));
    const { transport, all } = multiples({ arm, summary, tests, chosen, ...cell });
    return [
      `nce + ${arm}${sigmas[0] === "" ? "" : `, sigma ${sigmas.join(" ")}`}`,
      ...METRICS.flatMap((metric, index) => [
        decimals(theirs?.[index] ?? null),
        plusMinus(summary.prorec![`${metric}@5`]!),
      ]),
      relativeGain(against("prorec", "base").difference, summary.base![CHOSEN_ON]!.mean),
      pValue(against("prorec", "base").tP),
      pValue(against("prorec", "uniform").tP),
      ...[transport.toFixed(2), all.toFixed(2), theirs && nce ? (theirs[2] / nce[2]).toFixed(2) : "-"],
    ];
  });
  const header = ["", "paper's N@5", "N@5", "paper's R@5", "R@5", "gain in N@5", "p", "p over mean weight"];
  const times = ["transport / fit", "all / fit", "paper's time"];
  const table = markdownTable([...header, ...times], [base, ...rows]);
  const words = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return `### ${LOG_TITLES[log]}\n\n${table}\nNCE-PLRec: ${words.join(", ")}; ${own[0]!.times.length} seeds.\n`;
}

const INTRODUCTION = `NCE-PLRec with the settings of Table II, as it is and denoised: by EMD (Eq. 1's uniform marginals), Sinkhorn and ROT (a
threshold after sigma items for everyone; sigma from {5, 10, 15, 20, 25} by each seed's validation rows) and ProRec.
"p over mean weight" asks whether it beats the same fit with everyone's weight at the arm's mean: what a shift of the
regularization alone gives. p: t-tests paired by user, corrected by Holm's method over the table. Times are
CPU time on one thread, medians over the seeds, as multiples of the first fit in the same process: of the transport with
the relabelling, and of fit, transport and second fit together; the paper's are its seconds as multiples of NCE's.
`;
