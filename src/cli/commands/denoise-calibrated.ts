import { type Calibrated, calibrate } from "../../denoise/calibrated/calibrated.ts";
import { flaggedClicks } from "../../denoise/calibrated/reasons.ts";
import { calibratedSummary } from "../../denoise/calibrated/summary.ts";
import { flaggedOf } from "../../denoise/evidence.ts";
import { ADDED_COLUMNS, labelReader } from "../../denoise/label.ts";
import { flaggedTable } from "../../denoise/table.ts";
import type { Gate } from "../../evaluate/gate.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { writeAnnotated } from "../../io/annotate.ts";
import { type Log, readLog } from "../../io/log.ts";
import { together } from "../../io/together.ts";
import { writeRows } from "../../io/write-rows.ts";
import type { Recommender } from "../../models/recommender.ts";
import { breathing } from "../../progress.ts";
import { type ComputingOptionValues, computingFrom } from "../computing-options.ts";
import { count, reportLine } from "../log-options.ts";
import type { Session } from "../session.ts";

export interface CalibratedValues extends ComputingOptionValues {
  readonly mode: "calibrated" | "auto";
  readonly fdr: number;
  readonly output?: string;
  readonly flagged?: string;
}

/** `denoise --mode calibrated|auto`: auto applies what was found only where the gate says that it helps the model. */
export async function runCalibrated(
  log: Log,
  values: CalibratedValues,
  idColumns: readonly [string, string],
  model: (seed: number) => Recommender,
  session: Session,
): Promise<void> {
  const { mode, seed, fdr, output } = values;
  const { threads } = computingFrom(values);
  const started = performance.now();
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const read = performance.now();
  const found = await calibrate(interactions, { ...session, seed, threads, fdr });
  const detected = performance.now();
  const judged = mode === "auto" && found.found ? await judge(interactions, values, model, session) : null;
  const applied =
    found.found && judged?.denoising.verdict !== "no evidence" && judged?.denoising.verdict !== "hurts";
  const calibrated = applied ? found : found.unapplied();
  const gated = performance.now();
  await together(async (outputs) => {
    const target = output === undefined ? process.stdout : await outputs.file(output);
    await writeAnnotated(log, target, ADDED_COLUMNS, labelReader(calibrated), session);
    if (values.flagged !== undefined) {
      const flagged = await breathing(flaggedOf(calibrated), session.signal);
      const { columns, rows } = flaggedTable(flaggedClicks(calibrated, flagged), idColumns);
      await writeRows(await outputs.file(values.flagged), columns, rows, session.signal);
    }
  }, session.signal);
  const seconds = {
    read: (read - started) / 1000,
    detect: (detected - read) / 1000,
    gate: (gated - detected) / 1000,
    write: (performance.now() - gated) / 1000,
  };
  if (session.json) {
    const summary = calibratedSummary(calibrated, { mode, applied, seed, threads });
    const { name, parameters } = model(seed);
    const gate = judged && { model: name, parameters, ...judged };
    await session.printJson({ ...summary, gate, seconds, report });
  }
  session.note(verdictLine(calibrated, judged));
  if (output !== undefined) {
    session.note(`Written: ${[output, values.flagged].filter((path) => path !== undefined).join(", ")}`);
  }
}

async function judge(
  interactions: Interactions,
  values: CalibratedValues,
  model: (seed: number) => Recommender,
  session: Session,
): Promise<Gate> {
  const { gate } = await import("../../evaluate/gate.ts"); // its statistics take a quarter second to load
  const { seed, fdr } = values;
  return gate(interactions, { ...session, seed, fdr, model, threads: computingFrom(values).threads });
}

function verdictLine(
  { accidents, found, flaggedCount, input, fdr }: Calibrated,
  judged: Gate | null,
): string {
  const { estimate, low, high } = accidents.rate;
  const rate = `about ${percent(estimate)} of the clicks are accidental (${percent(low)} to ${percent(high)})`;
  if (!found) return `No accidental-click noise detected (${percent(estimate)}): the log stays as it is.`;
  const flags = `${count(flaggedCount)} of ${count(input.size)} flagged, up to ${percent(fdr)} of them in error`;
  if (judged === null) return `${capital(rate)}; ${flags}.`;
  const { verdict, t, gain } = judged.denoising;
  const effect = `denoising changes NDCG by ${percent(gain)} (t ${t.toFixed(1)})`;
  return verdict === "helps"
    ? `${capital(rate)}; ${effect}: helps; ${flags}.`
    : `${capital(rate)}, but ${effect}: ${verdict}, so the log stays as it is.`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
