import type { Comparison } from "../evaluate/compare.ts";
import { CONTROLS } from "../evaluate/controls.ts";
import { METRICS, type MetricName } from "../evaluate/metrics.ts";
import { type ArmTest, significant, type Verdict } from "../evaluate/verdict.ts";
import { decimals, markdownTable, plusMinus, pValue, relativeGain } from "./table.ts";

/** Metrics that fit a terminal; the first is the one that the table of tests shows. */
const SHOWN: readonly MetricName[] = ["ndcg", "recall", "map", "paper.ndcg"];

/** A comparison for people: means, paired tests, what they amount to, and what every name means. */
export function comparisonText(comparison: Comparison, k: number): string {
  const metrics = SHOWN.map((name) => `${name}@${k}`);
  const parts = [meansTable(comparison, metrics)];
  if (comparison.tests.length > 0) {
    parts.push(testsTable(comparison, metrics[0]!));
    if ("prorec" in comparison.summary)
      parts.push(metrics.map((metric) => judgement(comparison, metric)).join(""));
    parts.push(balanceJudgement(comparison, metrics[0]!));
  }
  parts.push(SHOWN.map((name) => `${name}@${k}: ${METRICS[name].definition}\n`).join(""));
  const controls = Object.entries(CONTROLS).filter(([arm]) => arm in comparison.summary);
  if (controls.length > 0)
    parts.push(controls.map(([arm, { definition }]) => `${arm}: ${definition}.\n`).join(""));
  return parts.filter((part) => part !== "").join("\n");
}

function meansTable({ runs, summary }: Comparison, metrics: readonly string[]): string {
  const rows = Object.entries(summary).map(([arm, means]) => [
    arm,
    ...metrics.map((metric) => plusMinus(means[metric]!)),
  ]);
  const what =
    runs.length > 1 ? `Mean of ${runs.length} runs ± half of its 95% interval over the seeds` : "One run";
  return `${what}:\n\n${markdownTable(["arm", ...metrics], rows)}`;
}

/** Tests that show a gain: those against the base, and of "prorec" against rivals and what can't denoise. */
function testsTable({ tests, perUser, runs }: Comparison, metric: string): string {
  const rows = tests
    .filter((test) => test.metric === metric)
    .filter(({ against }) => CONTROLS[against]?.kind !== "isolated")
    .map(({ arm, against, difference, low, high, tP, wilcoxonP }) => [
      `${arm} - ${against}`,
      decimals(difference),
      `${decimals(low)} to ${decimals(high)}`,
      pValue(tP),
      pValue(wilcoxonP),
    ]);
  const averaged = runs.length > 1 ? ", values averaged over the runs" : "";
  const header = ["arms", "difference", "95% interval", "p (t)", "p (Wilcoxon)"];
  return `${metric}, paired by user (${perUser.users.length} users${averaged}):\n\n${markdownTable(header, rows)}`;
}

/** What the tests on a metric say of denoising. */
function judgement(comparison: Comparison, metric: string): string {
  const verdict = comparison.verdicts.find((each) => each.metric === metric)!;
  const controlled = Object.keys(CONTROLS).some((arm) => arm in comparison.summary);
  return `${gainText(comparison, "prorec", metric)}${conclusion(verdict, controlled)}\n`;
}

/** What they say of re-weighting users, which is no denoising but may be worth having. */
function balanceJudgement(comparison: Comparison, metric: string): string {
  const test = againstBase(comparison, "user-balance", metric);
  if (test === undefined || !significant(test)) return "";
  const effect = test.difference > 0 ? "helps here, and takes no denoising" : "hurts here";
  return `${gainText(comparison, "user-balance", metric)}: re-weighting users ${effect}.\n`;
}

function gainText(comparison: Comparison, arm: string, metric: string): string {
  const { difference, tP } = againstBase(comparison, arm, metric)!;
  const gain = relativeGain(difference, comparison.summary.base![metric]!.mean);
  const p = pValue(tP);
  return `${arm}: ${metric} ${gain} ${difference < 0 ? "against" : "over"} base (p ${p.startsWith("<") ? p : `= ${p}`})`;
}

function againstBase({ tests }: Comparison, arm: string, metric: string): ArmTest | undefined {
  return tests.find((test) => test.arm === arm && test.against === "base" && test.metric === metric);
}

function conclusion({ verdict, matchedBy, goneIn }: Verdict, controlled: boolean): string {
  if (verdict === "loss")
    return `: it hurts here${goneIn.length > 0 ? `, but not in ${goneIn.join(", ")}` : ""}.`;
  if (verdict === "no evidence") return ": no evidence of a gain.";
  if (!controlled) return ", but no control was run: this need not be denoising.";
  if (verdict === "gain") return ", and no control explains it: a gain by denoising.";
  const explained = [
    matchedBy.length > 0 ? `matched by ${matchedBy.join(", ")}` : [],
    goneIn.length > 0 ? `gone in ${goneIn.join(", ")}` : [],
  ].flat();
  return `, but ${explained.join(" and ")}: this is no denoising gain.`;
}
