import { type Command, InvalidArgumentError, Option } from "commander";
import { NOISE_KINDS, type NoiseKind } from "../../interactions/corrupt.ts";
import { assertOutputs, writeFileAtomically } from "../../io/atomic.ts";
import { type Log, readLog } from "../../io/log.ts";
import { noiseLabText } from "../../report/noise-lab.ts";
import { version } from "../../version.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { oneOf, share, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues, ComputingOptionValues {
  readonly kinds: NoiseKind[];
  readonly rates: number[];
  readonly output?: string;
}

const KINDS = Object.keys(NOISE_KINDS) as NoiseKind[];

export function registerNoiseLab(group: Command, session: Session): void {
  const command = group
    .command("lab")
    .description(
      "Puts known noise of several kinds at several rates into the log, and shows what the calibrated mode finds of it, whether its flags and probabilities hold, and what a recommender gets back. Of more than 100,000 interactions it takes the rows of random users.",
    )
    .addOption(
      new Option("--kinds <names>", KINDS.join(", "))
        .argParser((text: string) => text.split(",").map(oneOf(...KINDS)))
        .default(KINDS, KINDS.join(",")),
    )
    .addOption(
      new Option("--rates <shares>", "noise as shares of the log's interactions")
        .argParser((text: string) => text.split(",").map(share))
        .default([0.05, 0.1, 0.2], ".05,.1,.2"),
    )
    .option("-o, --output <file>", "a picture of it, .svg");
  withLogOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec noise lab clicks.csv --min-rating 4 -o lab.svg").action(
    (paths: string[], values: Values) => {
      if (values.output !== undefined && !values.output.endsWith(".svg")) {
        throw new InvalidArgumentError(
          `--output ${values.output}: the picture is SVG; name a file that ends in .svg.`,
        );
      }
      return withLog(paths, values, session, (log) => run(log, values, session));
    },
  );
}

async function run(
  log: Log,
  { kinds, rates, seed, output, ...values }: Values,
  session: Session,
): Promise<void> {
  if (output !== undefined) await assertOutputs([output], log.source.files);
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const { noiseLab } = await import("../../evaluate/lab/lab.ts"); // its statistics take a quarter second to load
  const { threads } = computingFrom({ seed, ...values });
  const { signal, onProgress } = session;
  const lab = await noiseLab(interactions, { seed, threads, kinds, rates, signal, onProgress });
  if (output !== undefined) {
    const { noiseLabPicture } = await import("../../report/noise-lab-picture.ts"); // so does its drawing
    await writeFileAtomically(output, await noiseLabPicture(lab));
    session.note(`Written: ${output}`);
  }
  if (session.json) {
    const source = { name: log.source.name, sha256: log.source.digest(), ...report };
    await session.printJson({ protocol: { version, log: source, seed, kinds, rates }, ...lab });
  } else await session.print(noiseLabText(lab));
}
