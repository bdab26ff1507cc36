import type { BaseTrial } from "../evaluate/diagnose/bases.ts";
import type { Diagnosis, Finding } from "../evaluate/diagnose/diagnose.ts";
import type { Judgement } from "../evaluate/judgement.ts";
import { printable } from "../io/printable.ts";
import { decimals, markdownTable, percent, relativeGain } from "./table.ts";

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
  const model = nameOf(bases[0]!);
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

/** The relative change with its interval. */
function effectText({ gain, difference, low, high }: Judgement): string {
  const level = gain === 0 ? 0 : difference / gain;
  const change = (value: number) => relativeGain(value, level);
  return `${change(difference)} (${change(low)} to ${change(high)})`;
}

function basesText({ bases }: Diagnosis, k: number): string {
  const rows = bases.map((base) => [
    nameOf(base),
    decimals(base.ndcg),
    base.againstBest ? effectText(base.againstBest) : base.reason ? `left out: ${base.reason}` : "the best",
  ]);
  const table = markdownTable(["base model", `ndcg@${k}`, "against the best"], rows);
  return `${table}\nOne cut, ready-made settings: prorec tune finds better ones. Changing the base often gains more than denoising.\n`;
}

function nameOf({ model, parameters }: BaseTrial): string {
  return [model, ...Object.entries(parameters).map(([name, value]) => `${name} ${value}`)].join(" ");
}

function usersText({ bots, sharedAccounts: { auc, users } }: Diagnosis): string {
  const lines = [`Users like bots (heuristic): ${bots.found}.`];
  for (const { user, clicks, reason } of bots.users.slice(0, NAMED)) {
    lines.push(`  ${printable(user)}: ${clicks} clicks; ${reason}`);
  }
  if (auc === null) lines.push("Shared accounts: too few users with 20 clicks or more to look for any.");
  else {
    const power = `two users of this log put together are told from one with ROC-AUC ${decimals(auc, 2)}`;
    lines.push(
      users.length > 0
        ? `Accounts that may be shared (heuristic; ${power}; one user in 100 is listed whatever the log):`
        : `Shared accounts: nobody is named; ${power}${auc < 0.8 ? ", which is too little" : ""}.`,
    );
    for (const { user, clicks } of users.slice(0, NAMED))
      lines.push(`  ${printable(user)}: ${clicks} clicks`);
  }
  return `${lines.join("\n")}\n`;
}

function burstsText({ bursts }: Diagnosis): string {
  if (bursts === null) return "Bursts of items: not looked for, the log has no timestamps.\n";
  const lines = [
    `Items with half or more of their clicks in 1% of the log's time (heuristic; a release looks the same): ${bursts.found}.`,
  ];
  for (const { item, clicks, within } of bursts.items.slice(0, NAMED)) {
    lines.push(`  ${printable(item)}: ${within} of ${clicks} clicks`);
  }
  return `${lines.join("\n")}\n`;
}

function nextText({ next: { seconds, bytes } }: Diagnosis, command: string): string {
  const time = seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
  const megabytes = Math.ceil(bytes / 1e6).toLocaleString("en");
  return `Next (about ${time} here, ${megabytes} MB):\n  ${command}\n`;
}
