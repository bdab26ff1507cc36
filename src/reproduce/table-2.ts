import type { Comparison } from "../evaluate/compare.ts";
import { compare } from "../evaluate/compare.ts";
import { CONTROLS } from "../evaluate/controls.ts";
import type { Trial } from "../evaluate/trial.ts";
import { type Tuning, tune } from "../evaluate/tune.ts";
import { type ArmTest, type Verdict, verdicts } from "../evaluate/verdict.ts";
import { createModel, MODELS, type ModelName } from "../models/models.ts";
import { decimals, markdownTable, plusMinus, pValue, relativeGain } from "../report/table.ts";
import type { Cell, CellBench, Found, Stored, Target, Workbench } from "./cell.ts";
import { corrected } from "./corrected.ts";
import { LOG_TITLES, type LogName } from "./logs.ts";
import { PAPER_TABLE_2, PAPER_TYPO } from "./paper.ts";
import { TUNED } from "./tuned.ts";

export interface Table2Cell extends Pick<Comparison, "runs" | "summary" | "tests" | "verdicts"> {
  readonly log: LogName;
  readonly model: ModelName;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly protocol: object;
  readonly trials?: readonly Pick<Trial, "parameters" | "value">[];
}

const SHARES = { train: 0.5, validation: 0.2, test: 0.3 };
const METRICS = ["paper.ndcg@5", "paper.map@5", "paper.recall@5"] as const;
export const TABLE_2_METRIC = METRICS[0];
const TRIALS = 20;
/** Networks are not searched here: their defaults were chosen on validation rows of AMusic and ML-100k. */
const NETWORKS: readonly ModelName[] = ["cdae", "vae-cf"];
/** Seeds of networks on the larger logs, where a fit takes minutes and a run has nine of them. */
const NETWORK_RUNS: { readonly [log in LogName]?: number } = { amusic: 2, atoy: 1 };
export const TABLE_2_LOGS: readonly LogName[] = ["amusic", "atoy", "yahoo-shaped", "ml-100k"];
/** The paper's bases, then ours. */
export const TABLE_2_MODELS: readonly ModelName[] = ["svd", "nce-plrec", "cdae", "wrmf", "vae-cf"];
const MODEL_ORDER: readonly ModelName[] = [...TABLE_2_MODELS, "ease", "edlae", "item-knn", "popularity"];
const QUICK = [
  { log: "amusic", model: "svd" },
  { log: "amusic", model: "nce-plrec" },
  { log: "amusic", model: "wrmf" },
  { log: "ml-100k", model: "cdae" },
] as const;
const TREATMENTS = ["prorec", "t-ce", "r-ce"];

/** Table II: every base as it is, with ProRec, networks also with T-CE and R-CE; controls beside each gain. */
export const table2: Target = {
  title: "Table II: recommendation",
  cells: (quick) =>
    quick
      ? QUICK.map(({ log, model }) => cell(log, model))
      : TABLE_2_LOGS.flatMap((log) => MODEL_ORDER.map((model) => cell(log, model))),
  render(found) {
    const cells = TABLE_2_LOGS.flatMap((log) => MODEL_ORDER.map((model) => cell(log, model)))
      .map(({ name }) => found<Table2Cell>(name))
      .filter((each) => each !== undefined);
    const tested = withVerdicts(cells);
    const parts = [INTRODUCTION];
    for (const log of TABLE_2_LOGS) {
      const own = tested.filter((each) => each.log === log);
      if (own.length === 0) continue;
      parts.push(`### ${LOG_TITLES[log]}\n`, levels(log, own), gains(own), settings(own));
    }
    const data = tested.map(({ log, model, parameters, summary, tests, verdict, seconds, machine }) => ({
      ...{ log, model, parameters, paper: PAPER_TABLE_2[log]?.[model], summary, tests, verdict },
      ...{ seconds, machine },
    }));
    return { markdown: parts.join("\n"), data, pictures: {} };
  },
};

export function table2Cell(found: Found, log: LogName, model: ModelName): Stored<Table2Cell> | undefined {
  return found<Table2Cell>(cell(log, model).name);
}

function cell(log: LogName, model: ModelName): Cell {
  return {
    name: `recommenders/${log}-${model}`,
    logs: [log],
    compute: (bench) => measured(log, model, bench),
  };
}

async function measured(name: LogName, model: ModelName, bench: CellBench): Promise<Table2Cell> {
  const seeds = bench.seeds.slice(0, NETWORKS.includes(model) ? NETWORK_RUNS[name] : undefined);
  const search = NETWORKS.includes(model) || bench.quick ? undefined : await searched(name, model, bench);
  const parameters = search?.base.parameters ?? TUNED[name][model] ?? {};
  const rival = (loss: "t-ce" | "r-ce") => (seed: number) =>
    createModel(model, { ...parameters, loss, seed });
  const { runs, summary, tests, verdicts } = await compare(await bench.log(name), {
    ...runOf(bench),
    model: (seed) => createModel(model, { ...parameters, seed }),
    rivals: (MODELS[model].parameters as readonly string[]).includes("loss")
      ? { "t-ce": rival("t-ce"), "r-ce": rival("r-ce") }
      : {},
    runs: seeds.length,
    keep: bench.keep,
  });
  return {
    log: name,
    model,
    protocol: {
      ...{ split: "global", shares: SHARES, runs: seeds.length, seed: seeds[0] },
      ...(search && { tunedOn: TABLE_2_METRIC }),
    },
    parameters: createModel(model, parameters).parameters,
    ...(search && { trials: search.trials.map(({ parameters, value }) => ({ parameters, value })) }),
    ...{ runs, summary, tests, verdicts },
  };
}

/** The best hyper-parameters on validation rows. */
export async function searched(name: LogName, model: ModelName, bench: Workbench): Promise<Tuning> {
  const goal = { model, metric: "paper.ndcg", trials: TRIALS, runs: 2 } as const;
  return tune(await bench.log(name), { ...runOf(bench), ...goal });
}

function runOf({ seeds, threads, engine, signal, onProgress }: Workbench) {
  const split = { by: "global", shares: SHARES } as const;
  return { seed: seeds[0]!, split, threads, engine, signal, onProgress };
}

type Corrected = Stored<Table2Cell> & { readonly verdict: Verdict };

/** The tests of N@5 and what they say, p of the treatments against the base in one family, of the controls in another. */
function withVerdicts(cells: readonly Stored<Table2Cell>[]): Corrected[] {
  const own = cells.map((each) => ({
    ...each,
    tests: each.tests.filter(({ metric }) => metric === TABLE_2_METRIC),
  }));
  const isTreatment = ({ arm, against }: ArmTest) => TREATMENTS.includes(arm) && against === "base";
  return corrected(own, (test) => (isTreatment(test) ? "treatments" : "controls")).map((each) => ({
    ...each,
    verdict: verdicts(each.tests)[0]!,
  }));
}

function levels(log: LogName, own: readonly Corrected[]): string {
  const rows = own.flatMap(({ model, summary }) =>
    ["base", "t-ce", "r-ce", "prorec"]
      .filter((arm) => arm in summary)
      .map((arm) => [
        `\`${model}\`${ARMS[arm]}`,
        ...METRICS.flatMap((metric, index) => {
          const paper = PAPER_TABLE_2[log]?.[model]?.[arm]?.[index];
          const { log: typoLog, ...typo } = PAPER_TYPO;
          const isTypo = log === typoLog && model === typo.model && arm === typo.arm && index === typo.metric;
          return [
            paper === undefined ? "" : `${decimals(paper)}${isTypo ? " (sic)" : ""}`,
            plusMinus(summary[arm]![metric]!),
          ];
        }),
      ]),
  );
  const header = ["model", ...["N@5", "M@5", "R@5"].flatMap((name) => [`paper's ${name}`, name])];
  const sic = log === "yahoo-shaped" ? "\n(sic): a typo of the paper's; its neighbours are near .065.\n" : "";
  return `${markdownTable(header, rows)}${sic}`;
}

const ARMS: Readonly<Record<string, string>> = {
  base: "",
  "t-ce": " + T-CE",
  "r-ce": " + R-CE",
  prorec: " + ProRec",
};

/** Gains in N@5 over the model as it is, with their p. */
function gains(own: readonly Corrected[]): string {
  const arms = [...TREATMENTS, ...Object.keys(CONTROLS)].filter((arm) =>
    own.some(({ summary }) => arm in summary),
  );
  const rows = own.map(({ log, model, summary, tests, verdict }) => [
    `\`${model}\``,
    paperGain(log, model),
    ...arms.map((arm) => {
      const test = tests.find((each) => each.arm === arm && each.against === "base");
      return test
        ? `${relativeGain(test.difference, summary.base![TABLE_2_METRIC]!.mean)} (${pValue(test.tP)})`
        : "";
    }),
    verdict.verdict,
  ]);
  return `Gain in N@5 over the model as it is, with p:\n
${markdownTable(["model", "prorec, paper's", ...arms, "does ProRec help"], rows)}`;
}

function paperGain(log: LogName, model: ModelName): string {
  const own = PAPER_TABLE_2[log]?.[model];
  return own ? relativeGain(own.prorec![0] - own.base![0], own.base![0]) : "";
}

function settings(own: readonly Corrected[]): string {
  const chosen = own.map(({ model, parameters, runs, seeds, seconds }) => {
    const { seed: _, ...values } = parameters;
    const words = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    const fewer = runs.length < (seeds?.length ?? 0) ? `ONLY ${runs.length} of ${seeds!.length} seeds; ` : "";
    return `\`${model}\`: ${words.join(", ") || "no settings"}; ${fewer}${Math.round(seconds.cpu)} CPU seconds`;
  });
  return `Settings, and what the whole cell took: ${chosen.join(". ")}.\n`;
}

const INTRODUCTION = `Hyper-parameters by \`prorec tune\` on validation rows (networks: their defaults, chosen on AMusic and ML-100k), then
fitted on train and validation (70%) and tested on the rest (30%), global splits. N@5, M@5, R@5 are the paper's
definitions (\`prorec metrics\`); ± is half of the 95% interval over the seeds. p is of a t-test paired by user, values
averaged over the seeds, corrected by Holm's method over this table: the treatments (prorec, t-ce, r-ce) as one family, the controls as another. "Does
ProRec help" goes by the corrected p: "gain" only if no control explains it. ProRec runs in paper mode with its default settings. The
controls can't tell noise from signal: ${Object.entries(CONTROLS)
  .map(([arm, { definition }]) => `\`${arm}\`: ${definition}`)
  .join("; ")}.
A tuned \`svd\` that scales users already (userPower a) is scaled twice by user balance, to userPower a + .35 exactly.
`;
