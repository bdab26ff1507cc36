import { decimals, percent, relativeGain } from "../report/table.ts";
import type { Found } from "./cell.ts";
import { figure1Cell } from "./figure-1.ts";
import { type NoiseCell, noiseCells } from "./figure-2-noise.ts";
import { bestOf, SENSITIVITY_LOGS, sensitivityOf, spreadOf } from "./figure-2-sensitivity.ts";
import { figure3Cell } from "./figure-3.ts";
import { type Finding, SIGNIFICANT, someHold } from "./finding.ts";
import { shortTitle } from "./logs.ts";

function noisy(found: Found): NoiseCell[] {
  return noiseCells(found).filter(({ rate }) => rate > 0);
}

function range(values: readonly number[], shown: (value: number) => string): string {
  return `${shown(Math.min(...values))} to ${shown(Math.max(...values))}`;
}

export function hitRatio(found: Found): Finding | undefined {
  const cells = noisy(found);
  if (cells.length === 0) return undefined;
  const of = (figure: "hitRatio" | "flaggedShare" | "precision" | "rocAuc") =>
    cells.map(({ detection }) => detection.prorec[figure]!.mean);
  const lifts = cells.map(({ detection, rate, reading }) => {
    const share = reading === "replaced" ? rate : rate / (1 + rate);
    return detection.prorec.precision!.mean / share;
  });
  return {
    measured: `hit ratio ${range(of("hitRatio"), percent)}, but ${range(of("flaggedShare"), percent)} of all clicks are flagged; precision is ${range(lifts, (lift) => lift.toFixed(2))} times the share of noise; ROC-AUC ${range(of("rocAuc"), (value) => decimals(value, 3))}`,
    verdict: Math.min(...of("hitRatio")) > 0.85 ? "holds, and says nothing" : "does not hold",
  };
}

export function noisyRecall(found: Found): Finding | undefined {
  const cells = noisy(found);
  if (cells.length === 0) return undefined;
  const change = (cell: NoiseCell, arm: string) =>
    cell.tests.find((test) => test.arm === arm && test.against === "base")!;
  const better = cells.filter(
    (cell) => change(cell, "prorec").difference > 0 && change(cell, "prorec").tP! < SIGNIFICANT,
  );
  const relative = (arm: string) =>
    cells.map((cell) => change(cell, arm).difference / cell.summary.base!["paper.recall@5"]!.mean);
  const most = cells.find(({ reading, rate }) => reading === "replaced" && rate === 0.2);
  const levels = most
    ? `; ${most.reading} 20%: ${decimals(most.summary.base!["paper.recall@5"]!.mean)} to ${decimals(most.summary.prorec!["paper.recall@5"]!.mean)}, oracle ${decimals(most.summary.oracle!["paper.recall@5"]!.mean)}`
    : "";
  return {
    measured: `better in ${better.length} of ${cells.length} (readings and rates); change ${range(relative("prorec"), (value) => relativeGain(value, 1))}, removing exactly the noise ${range(relative("oracle"), (value) => relativeGain(value, 1))}${levels}`,
    verdict: better.length === cells.length ? "holds" : "does not hold",
  };
}

/** More than this share of N@5 is an effect. */
const LITTLE = 0.02;

export function betaAndZeta(found: Found): Finding | undefined {
  const own = SENSITIVITY_LOGS.flatMap((log) =>
    (["beta", "zeta"] as const).flatMap((varied) => sensitivityOf(found, log, varied) ?? []),
  );
  if (own.length === 0) return undefined;
  const words = own.map((cell) => `${shortTitle(cell.log)}: ${cell.varied} ${percent(spreadOf(cell))}`);
  return {
    measured: `largest minus smallest N@5 over the paper's grid, as a share of NCE's: ${words.join("; ")}`,
    verdict: someHold(own.filter((cell) => spreadOf(cell) < LITTLE).length, own.length),
  };
}

export function lambdaAndGamma(found: Found): Finding | undefined {
  const usual = { lambda: 0.5, gamma: 0.1 } as const;
  const own = SENSITIVITY_LOGS.flatMap((log) =>
    (["lambda", "gamma"] as const).flatMap((varied) => {
      const cell = sensitivityOf(found, log, varied);
      return cell ? [{ cell, holds: bestOf(cell) === usual[varied] }] : [];
    }),
  );
  if (own.length === 0) return undefined;
  const words = own.map(
    ({ cell }) =>
      `${shortTitle(cell.log)}: ${cell.varied} ${bestOf(cell)} is best, the grid moves N@5 by ${percent(spreadOf(cell))}`,
  );
  return {
    measured: `${words.join("; ")} (lambda 1 is no denoising)`,
    verdict: someHold(own.filter(({ holds }) => holds).length, own.length),
  };
}

export function kappaByDiversity(found: Found): Finding | undefined {
  const own = (["ml-100k", "amusic"] as const).flatMap((log) => figure1Cell(found, log) ?? []);
  if (own.length === 0) return undefined;
  const words = own.map(({ log, correlations }) => {
    const of = (what: string) => decimals(correlations[what]!.mean, 2);
    return `${shortTitle(log)}: rank correlation of kappa with the diversity of a user's items ${of("item diversity")}, with the number of clicks held fixed ${of("item diversity, clicks held fixed")}; with the clicks ${of("clicks")}`;
  });
  const grows = own.filter(
    ({ correlations }) => correlations["item diversity, clicks held fixed"]!.mean > 0.1,
  ).length;
  return {
    measured: words.join("; "),
    verdict: someHold(grows, own.length),
  };
}

export function caseStudy(found: Found): Finding | undefined {
  const cell = figure3Cell(found);
  if (cell === undefined) return undefined;
  const { films, before, after, changed } = cell;
  const fates = films.map(
    ({ title, weight, kept }) => `${title} ${decimals(weight, 2)}${kept ? "" : ", flagged"}`,
  );
  const ids = new Set(before.map(({ item }) => item));
  const fresh = after
    .filter(({ item }) => !ids.has(item))
    .map(({ title, genres }) => `${title} [${genres.join(", ")}]`);
  return {
    measured: `of the paper's films only Titanic is in ML-100k. By our rule's user: new weights ${fates.join("; ")}; new among the first 6: ${fresh.join("; ") || "none"}. Over all users ${decimals(changed.mean, 2)} of 6 change`,
    verdict: "can't be repeated; one case proves nothing",
  };
}
