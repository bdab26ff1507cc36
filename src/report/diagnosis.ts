import type { Diagnosis, Finding } from "../evaluate/diagnose/diagnose.ts";
import { printable } from "../io/printable.ts";
import { decimals, markdownTable, percent } from "./table.ts";
import {
  baseName,
  botsSentence,
  burstsSentence,
  costText,
  effectText,
  sharedSentence,
} from "./verdict-words.ts";

/** Users and items named of each kind. */
const NAMED = 5;

/** A diagnosis as a page of text. `next` is the command line to run. */
export function diagnosisText(diagnosis: Diagnosis, k: number, next: string): string {
  return [
    verdictText(diagnosis, k),
    basesText(diagnosis, k),
    usersText(diagnosis),
    burstsText(diagnosis),
    nextText(diagnosis, next),
  ].join("\n");
}

function verdictText({ log, accidents, denoising, userBalance, bases }: Diagnosis, k: number): string {
  const { estimate, low, high } = accidents;
  const model = baseName(bases[0]!);
  const lines = [`Accidental clicks: about ${percent(estimate)} (${percent(low)} to ${percent(high)}).`];
  if (log.sampled !== null) {
    lines.push(
      `From ${log.sampled.toLocaleString("en")} of the interactions: the whole rows of random users.`,
    );
  }
  lines.push(
    denoising.verdict === "no accidental-click noise"
      ? "Denoising: NO ACCIDENTAL-CLICK NOISE. Under 3% look accidental; leave the log as it is."
      : `Denoising: ${findingText(denoising, k, model)}`,
    `User balance (n_u^-${decimals(userBalance.exponent, 2)}, no denoising): ${findingText(userBalance, k, model)}`,
  );
  return `${lines.join("\n")}\n`;
}

function findingText({ verdict, effect, overControl, control }: Finding, k: number, model: string): string {
  const against = `${effectText(effect)} against the log as it is, ${effectText(overControl)} against ${control}`;
  return `${verdict.toUpperCase()}. ndcg@${k} of ${model}: ${against}.`;
}

function basesText({ bases }: Diagnosis, k: number): string {
  const rows = bases.map((base) => [
    baseName(base),
    decimals(base.ndcg),
    base.againstBest ? effectText(base.againstBest) : base.reason ? `left out: ${base.reason}` : "the best",
  ]);
  const table = markdownTable(["base model", `ndcg@${k}`, "against the best"], rows);
  return `${table}\nOne cut, ready-made settings: prorec tune finds better ones. Changing the base often gains more than denoising.\n`;
}

function usersText({ bots, sharedAccounts }: Diagnosis): string {
  const lines = [botsSentence(bots)];
  for (const { user, clicks, reason } of bots.users.slice(0, NAMED)) {
    lines.push(`  ${printable(user)}: ${clicks} clicks; ${reason}`);
  }
  lines.push(sharedSentence(sharedAccounts));
  for (const { user, clicks } of sharedAccounts.users.slice(0, NAMED)) {
    lines.push(`  ${printable(user)}: ${clicks} clicks`);
  }
  return `${lines.join("\n")}\n`;
}

function burstsText({ bursts }: Diagnosis): string {
  const lines = [burstsSentence(bursts)];
  for (const { item, clicks, within } of bursts?.items.slice(0, NAMED) ?? []) {
    lines.push(`  ${printable(item)}: ${within} of ${clicks} clicks`);
  }
  return `${lines.join("\n")}\n`;
}

function nextText({ next }: Diagnosis, command: string): string {
  return `Next (about ${costText(next)}):\n  ${command}\n`;
}
