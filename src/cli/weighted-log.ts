import { type Log, readLog } from "../io/log.ts";
import { reportLine } from "./log-options.ts";
import type { Session } from "./session.ts";

/** The interactions; with weights in them if the log has the columns "weight" and "noise", which `denoise` adds. */
export async function readWeighted(log: Log, session: Session) {
  const names = log.source.columns.map(({ name }) => name);
  const weighted = ["weight", "noise"].every((name) => names.includes(name));
  const { interactions, report, numbers } = await readLog(log, {
    ...session,
    numbers: weighted ? ["weight"] : [],
  });
  session.note(reportLine(log.source.name, report));
  if (weighted) session.note("The log was denoised: its weights are used.");
  return {
    interactions: weighted ? interactions.withWeights(numbers[0]!) : interactions,
    report,
    weighted,
  };
}
