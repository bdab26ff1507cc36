import { type Command, Option } from "commander";
import { assertOutputs, writeFileAtomically } from "../../io/atomic.ts";
import { type Log, readLog } from "../../io/log.ts";
import { printablePath } from "../../io/printable.ts";
import { readTimes } from "../../io/times.ts";
import { diagnosisText } from "../../report/diagnosis.ts";
import { version } from "../../version.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { nextCommand } from "../next-commands.ts";
import { positiveInteger, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues, ComputingOptionValues {
  readonly k: number;
  readonly report?: string;
}

export function registerDiagnose(program: Command, session: Session): void {
  const command = program
    .command("diagnose")
    .description(
      "Says whether denoising helps on this log, and separately whether re-weighting users does, beside controls: with the rate of accidental clicks, the base model that suits the log, users and items that look odd, and what to run next. Of more than 200,000 interactions it takes the rows of random users.",
    )
    .addOption(new Option("-k <integer>", "length of the rankings").argParser(positiveInteger).default(5))
    .option(
      "--report <file>",
      "one HTML file with the verdict, its controls and intervals, pictures and definitions",
    );
  withLogOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec diagnose clicks.csv --min-rating 4 --report diagnosis.html").action(
    (paths: string[], values: Values, command: Command) =>
      withLog(paths, values, session, (log) => run(log, paths, values, command, session)),
  );
}

async function run(
  log: Log,
  paths: readonly string[],
  values: Values,
  command: Command,
  session: Session,
): Promise<void> {
  const { seed, k } = values;
  if (values.report !== undefined) await assertOutputs([values.report], log.source.files);
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const times = await readTimes(log, interactions, session);
  const { diagnose } = await import("../../evaluate/diagnose/diagnose.ts"); // its statistics take a quarter second to load
  const { threads } = computingFrom(values);
  const { signal, onProgress } = session;
  const diagnosis = await diagnose(interactions, { seed, k, threads, times, signal, onProgress });
  const { next } = diagnosis;
  const line = nextCommand(next.command, paths, next.options, command);
  if (values.report !== undefined) {
    const { diagnosisPage } = await import("../../report/page/diagnosis-page.ts");
    const about = { log: log.source.name, report, k, seed, command: printablePath(line) };
    await writeFileAtomically(values.report, await diagnosisPage(diagnosis, about));
  }
  if (session.json) {
    const source = { name: log.source.name, sha256: log.source.digest(), ...report };
    const protocol = { version, log: source, seed, k };
    await session.printJson({ protocol, ...diagnosis, next: { ...next, commandLine: line } });
  } else await session.print(diagnosisText(diagnosis, k, printablePath(line)));
}
