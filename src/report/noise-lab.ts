import type { LabCell, NoiseLab } from "../evaluate/lab/lab.ts";
import { decimals, markdownTable, percent, relativeGain } from "./table.ts";

/** The measurements of a noise laboratory as a table, and in words what is not found. */
export function noiseLabText({ log, clean, cells, notFound }: NoiseLab): string {
  const { estimate, low, high } = clean.rate;
  const sampled =
    log.sampled === null
      ? ""
      : ` From ${log.sampled.toLocaleString("en")} interactions: rows of random users.`;
  const lines = [
    `The log as it is: ${percent(estimate)} of the clicks look accidental (${percent(low)} to ${percent(high)}); ndcg@5 ${decimals(clean.ndcg)}.${sampled}`,
    "",
    markdownTable(
      [
        "noise",
        "share",
        "ROC-AUC",
        "AP",
        "by popularity",
        "estimated",
        "false at 20%",
        "found",
        "ndcg lost",
        "won back",
        "oracle",
      ],
      cells.map((cell) => row(cell, clean.ndcg)),
    ),
    notFound.length > 0
      ? "What is not found, or not as promised:"
      : "Every kind is found, and every promise holds.",
    ...notFound.map((sentence) => `  ${sentence}`),
    "",
  ];
  return lines.join("\n");
}

function row(
  { kind, noiseShare, rocAuc, averagePrecision, popularity, estimated, flags, ndcg }: LabCell,
  clean: number,
) {
  const { falseDiscoveryRate, recall } = flags.find(({ fdr }) => fdr === 0.2)!;
  return [
    kind,
    percent(noiseShare),
    decimals(rocAuc, 3),
    decimals(averagePrecision, 3),
    decimals(popularity.rocAuc, 3),
    percent(estimated.estimate),
    percent(falseDiscoveryRate),
    percent(recall),
    relativeGain(ndcg.noisy - clean, clean),
    relativeGain(ndcg.denoised - ndcg.noisy, clean),
    relativeGain(ndcg.oracle - ndcg.noisy, clean),
  ];
}
