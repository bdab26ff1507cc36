import type { Trial } from "../evaluate/trial.ts";
import type { Tuning } from "../evaluate/tune.ts";
import { decimals, markdownTable, relativeGain } from "./table.ts";

/** A search for people: every trial, then what was found. */
export function tuningText(tuning: Tuning, metric: string): string {
  return `${trialsTable(tuning, metric)}\n${conclusions(tuning, metric).join("\n")}\n`;
}

/** A trial in one line, e.g. "factors 50 root 1: ndcg@5 .1234". */
export function trialLine(trial: Trial, metric: string): string {
  const point = Object.entries({ ...trial.parameters, ...trial.denoise }).map(
    ([name, value]) => `${name} ${value}`,
  );
  const what = trial.failure ? `can't run: ${trial.failure.message}` : `${metric} ${decimals(trial.value)}`;
  return `${point.join(" ") || "nothing to choose"}: ${what}`;
}

function trialsTable({ trials, best }: Tuning, metric: string): string {
  const names = [...new Set(trials.flatMap((trial) => Object.keys(pointOf(trial))))];
  const rows = trials.map((trial, index) => [
    `${index + 1}${trial === best ? " best" : ""}`,
    ...names.map((name) => String(pointOf(trial)[name] ?? "-")),
    decimals(trial.value),
  ]);
  return markdownTable(["trial", ...names, metric], rows);
}

function conclusions({ trials, base, prorec, settled, ...tuning }: Tuning, metric: string): string[] {
  const lines = [`The default has ${metric} ${decimals(tuning.default.value)} on validation.`];
  lines.push(`The best of the model as it is: ${trialLine(base, metric)}${gain(base, tuning.default)}.`);
  if (prorec !== null) {
    const worth = prorec.value! > base.value! ? "" : ", so denoising does not pay here";
    lines.push(`The best with denoising: ${trialLine(prorec, metric)}${gain(prorec, base)}${worth}.`);
  }
  const failed = trials.filter(({ failure }) => failure !== null).length;
  if (failed > 0) lines.push(`${failed} of ${trials.length} trials could not run.`);
  lines.push(
    settled
      ? `No single change on the grid is better (${trials.length} trials).`
      : `The ${trials.length} trials were used up; more may find better.`,
  );
  return lines;
}

function gain(trial: Trial, before: Trial): string {
  if (trial === before || before.value === null) return "";
  return ` (${relativeGain(trial.value! - before.value, before.value)})`;
}

function pointOf({ parameters, denoise }: Trial) {
  return { ...parameters, ...denoise };
}
