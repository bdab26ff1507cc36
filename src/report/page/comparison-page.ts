import type { RectYOptions } from "@observablehq/plot";
import type { Comparison } from "../../evaluate/compare.ts";
import { CONTROLS } from "../../evaluate/controls.ts";
import { METRIC_NAMES, METRICS } from "../../evaluate/metrics.ts";
import type { DataReport } from "../../io/log.ts";
import { findings, SHOWN } from "../comparison.ts";
import { decimals, pValue } from "../table.ts";
import { count, definitions, lastPart, paragraph, picture, pictures, section, table } from "./blocks.ts";
import { dataFigures } from "./denoise-page.ts";
import { type Html, html } from "./html.ts";
import { reportPage } from "./page.ts";
import { FLAGGED, KEPT, MUTED, openPlots } from "./plots.ts";

type Plots = Awaited<ReturnType<typeof openPlots>>;

/** The report of an evaluation as one HTML file. `protocol` is what it takes to do it again. */
export async function comparisonPage(
  comparison: Comparison,
  {
    log,
    report,
    k,
    protocol,
  }: {
    readonly log: string;
    readonly report: DataReport;
    readonly k: number;
    readonly protocol: Readonly<Record<string, unknown>>;
  },
): Promise<string> {
  const plots = await openPlots();
  const found = findings(comparison, k);
  const { runs, summary, perUser, tests } = comparison;
  const arms = Object.keys(summary);
  const shown = SHOWN.map((name) => `${name}@${k}`);
  const all = METRIC_NAMES.map((name) => `${name}@${k}`);
  const several = `${count(runs.length)} ${runs.length === 1 ? "run" : "runs"}`;
  const controls = Object.entries(CONTROLS).filter(([arm]) => arm in summary);
  return reportPage({
    title: `Does denoising help on ${lastPart(log)}?`,
    lead: found[0] ?? `The means of ${several}.`,
    sections: [
      section("The data", dataFigures(report)),
      section(
        "Every arm",
        paragraph(
          `Means of ${several} over ${count(perUser.users.length)} users`,
          runs.length > 1 ? ", with 95% intervals over the seeds." : ".",
        ),
        pictures(...shown.map((metric) => picture(metric, means(comparison, metric, plots)))),
      ),
      ...(found.length > 0
        ? [
            section(
              "What the tests say",
              found.map((line) => paragraph(line)),
              testsTable(tests, shown[0]!),
            ),
          ]
        : []),
      ...("prorec" in perUser.values
        ? [
            section(
              "User by user",
              picture(
                `${shown[0]!}, denoised minus as it is`,
                changes(comparison, shown[0]!, plots),
                "Users whose value changed.",
              ),
            ),
          ]
        : []),
      section(
        "All metrics",
        table(
          ["metric", ...arms],
          all.map((metric) => [metric, ...arms.map((arm) => decimals(summary[arm]![metric]!.mean))]),
        ),
      ),
      section(
        "How it was done",
        table(
          ["setting", "value"],
          Object.entries(protocol).map(([name, value]) => [name, text(value)]),
          [],
        ),
      ),
      section(
        "What the names mean",
        definitions([
          ...METRIC_NAMES.map((name) => [`${name}@${k}`, METRICS[name].definition] as [string, string]),
          ...controls.map(([arm, { definition }]) => [arm, `Control: ${definition}.`] as [string, string]),
        ]),
      ),
    ],
  });
}

function means({ summary }: Comparison, metric: string, { plot, draw }: Plots): Html {
  const data = Object.entries(summary).map(([arm, byMetric]) => {
    const { mean, low, high } = byMetric[metric]!;
    return { arm, mean, low: low ?? mean, high: high ?? mean, kind: arm === "prorec" ? FLAGGED : KEPT };
  });
  return draw({
    label: `${metric} of every arm`,
    height: 60 + 24 * data.length,
    marginLeft: 104,
    x: { label: null, grid: true, ticks: 4, tickFormat: (value: number) => decimals(value, 3) },
    y: { label: null, domain: data.map(({ arm }) => arm), tickSize: 0 },
    marks: [
      plot.ruleX([summary.base![metric]!.mean], { stroke: MUTED, strokeDasharray: "3,3" }),
      plot.ruleY(data, { y: "arm", x1: "low", x2: "high", stroke: "kind", strokeWidth: 2 }),
      plot.dot(data, { y: "arm", x: "mean", fill: "kind", r: 4 }),
    ],
  });
}

/** Tests that show a gain: those against the base, and of "prorec" against rivals and what can't denoise. */
function testsTable(tests: Comparison["tests"], shown: string): Html {
  const rows = tests
    .filter(({ metric, against }) => metric === shown && CONTROLS[against]?.kind !== "isolated")
    .map(({ arm, against, difference, low, high, tP, wilcoxonP }) => [
      html`${arm} <span class="muted">against</span> ${against}`,
      decimals(difference),
      `${decimals(low)} to ${decimals(high)}`,
      pValue(tP),
      pValue(wilcoxonP),
    ]);
  return table([`${shown}, paired by user`, "difference", "95% interval", "p (t)", "p (Wilcoxon)"], rows);
}

/** How the users' values change from the base to ProRec. */
function changes({ perUser: { values } }: Comparison, metric: string, { plot, draw }: Plots): Html {
  const base = values.base![metric]!;
  const differences = Array.from(values.prorec![metric]!, (value, user) => value - base[user]!).filter(
    (difference) => difference !== 0 && Number.isFinite(difference),
  );
  return draw({
    label: `Histogram of the users' changes in ${metric}`,
    width: 640,
    x: { label: "change", tickFormat: (value: number) => decimals(value, 1), domain: [-1, 1] },
    y: { label: "users", grid: true },
    marks: [
      plot.rectY(
        differences,
        plot.binX<RectYOptions>(
          { y: "count" },
          {
            x: (value: number) => value,
            thresholds: 40,
            domain: [-1, 1],
            inset: 0.5,
            fill: (value: number) => (value < 0 ? FLAGGED : KEPT),
          },
        ),
      ),
      plot.ruleX([0], { stroke: "currentColor", strokeDasharray: "3,3" }),
      plot.ruleY([0], { stroke: MUTED }),
    ],
  });
}

function text(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).map(([name, each]) => `${name} ${text(each)}`);
  return entries.length === 0 ? "-" : entries.join(", ");
}
