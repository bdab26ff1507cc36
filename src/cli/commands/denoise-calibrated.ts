import { calibrate } from "../../denoise/calibrated/calibrated.ts";
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
import { encoded } from "../../io/utf8.ts";
import { writeRows } from "../../io/write-rows.ts";
import type { Recommender } from "../../models/recommender.ts";
import { breathing } from "../../progress.ts";
import { calibratedVerdict } from "../../report/calibrated-verdict.ts";
import { type ComputingOptionValues, computingFrom } from "../computing-options.ts";
import { reportLine } from "../log-options.ts";
import type { Session } from "../session.ts";

export interface CalibratedValues extends ComputingOptionValues {
  readonly mode: "calibrated" | "auto";
  readonly fdr: number;
  readonly output?: string;
  readonly flagged?: string;
  readonly report?: string;
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
    if (values.report !== undefined) {
      const { calibratedPage } = await import("../../report/page/calibrated-page.ts");
      const { name, parameters } = model(seed);
      const about = {
        log: log.source.name,
        report,
        mode,
        seed,
        applied,
        gate: judged,
        model: { name, parameters },
      };
      const page = await outputs.file(values.report);
      await page.write(encoded(await calibratedPage(found, about, session)));
      await page.commit();
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
  session.note(calibratedVerdict(calibrated, judged));
  const written = [output, values.flagged, values.report].filter((path) => path !== undefined);
  if (written.length > 0) session.note(`Written: ${written.join(", ")}`);
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
