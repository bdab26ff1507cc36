import type { BaseTrial } from "../evaluate/diagnose/bases.ts";
import type { Diagnosis, Finding } from "../evaluate/diagnose/diagnose.ts";
import type { Judgement } from "../evaluate/judgement.ts";
import { decimals, percent, relativeGain } from "./table.ts";

/** A change with its 95% interval as shares of what it is compared with; zeros where that is nothing. */
export function relativeEffect({ gain, difference, low, high }: Judgement): {
  readonly change: number;
  readonly low: number;
  readonly high: number;
} {
  const level = gain === 0 ? 0 : difference / gain;
  const relative = (value: number) => (level === 0 ? 0 : value / level);
  return { change: relative(difference), low: relative(low), high: relative(high) };
}

/** The relative change with its interval, e.g. "+1.8% (+0.4% to +3.2%)". */
export function effectText(judgement: Judgement): string {
  const { change, low, high } = relativeEffect(judgement);
  return `${relativeGain(change, 1)} (${relativeGain(low, 1)} to ${relativeGain(high, 1)})`;
}

/** A model with its settings, e.g. "svd factors 10". */
export function settingsWords(model: string, parameters: object): string {
  return [model, ...Object.entries(parameters).map(([name, value]) => `${name} ${value}`)].join(" ");
}

export function baseName({ model, parameters }: BaseTrial): string {
  return settingsWords(model, parameters);
}

/** Whether denoising helps, in a sentence. */
export function denoisingSentence({ denoising, bases, accidents }: Diagnosis): string {
  const { model } = bases[0]!;
  if (denoising.verdict === "no accidental-click noise") {
    return `No accidental-click noise: about ${percent(accidents.estimate)} of the clicks look accidental, which is under 3%. Leave the log as it is.`;
  }
  return verdictSentence("Denoising", denoising, model);
}

/** Whether user balance helps, in a sentence. */
export function balanceSentence({ userBalance, bases }: Diagnosis): string {
  return verdictSentence("User balance, which is no denoising,", userBalance, bases[0]!.model);
}

function verdictSentence(what: string, { verdict, effect, overControl }: Finding, model: string): string {
  if (verdict === "helps")
    return `${what} helps ${model} on this log: its NDCG changes by ${effectText(effect)}.`;
  if (verdict === "hurts")
    return `${what} hurts ${model} on this log: its NDCG changes by ${effectText(effect)}. Leave it off.`;
  return effect.verdict === "helps" && overControl.verdict !== "helps"
    ? `No evidence for it: ${lower(what)} gains nothing that its control doesn't gain.`
    : `No evidence that ${lower(what)} helps ${model} on this log.`;
}

function lower(text: string): string {
  return text[0]!.toLowerCase() + text.slice(1);
}

export function botsSentence({ found }: Diagnosis["bots"]): string {
  return `Users like bots (heuristic): ${found}.`;
}

export function sharedSentence({ auc, users }: Diagnosis["sharedAccounts"]): string {
  if (auc === null) return "Shared accounts: too few users with 20 clicks or more to look for any.";
  const power = `two users of this log put together are told from one with ROC-AUC ${decimals(auc, 2)}`;
  return users.length > 0
    ? `Accounts that may be shared (heuristic; ${power}; one user in 100 is listed whatever the log):`
    : `Shared accounts: nobody is named; ${power}${auc < 0.8 ? ", which is too little" : ""}.`;
}

export function burstsSentence(bursts: Diagnosis["bursts"]): string {
  return bursts === null
    ? "Bursts of items: not looked for, the log has no timestamps."
    : `Items with half or more of their clicks in 1% of the log's time (heuristic; a release looks the same): ${bursts.found}.`;
}

/** The time and the memory that the next command takes, e.g. "12 s here, 40 MB". */
export function costText({ seconds, bytes }: Diagnosis["next"]): string {
  const time = seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
  return `${time} here, ${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}
