import { type Command, InvalidArgumentError, Option } from "commander";
import { type Corrupted, corrupt, NOISE_KINDS, type NoiseKind } from "../../interactions/corrupt.ts";
import { injectionInto } from "../../interactions/injection.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { assertOutputs } from "../../io/atomic.ts";
import { type Log, readLog } from "../../io/log.ts";
import { writeRewritten } from "../../io/rewrite.ts";
import type { Column } from "../../io/rows.ts";
import { outputFormat } from "../../io/sink.ts";
import { together } from "../../io/together.ts";
import { writeRows } from "../../io/write-rows.ts";
import { count, type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { oneOf, share, wholeNumber, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues {
  readonly kind: NoiseKind;
  readonly rate: number;
  readonly seed: number;
  readonly output: string;
  readonly truth: string;
}

const TRUTH_COLUMNS: readonly Column[] = [
  { name: "user", kind: "text" },
  { name: "item", kind: "text" },
  { name: "kind", kind: "text" },
];

export function registerNoiseInject(group: Command, session: Session): void {
  const kinds = Object.keys(NOISE_KINDS) as NoiseKind[];
  const command = group
    .command("inject")
    .description("Writes the log with known noise in it, and which rows are noise.")
    .addOption(new Option("--kind <name>", kinds.join(", ")).argParser(oneOf(...kinds)).default("add"))
    .addOption(
      new Option("--rate <share>", "noise as a share of the log's interactions")
        .argParser(share)
        .default(0.1),
    )
    .addOption(new Option("--seed <integer>", "same seed, same noise").argParser(wholeNumber).default(1))
    .requiredOption("-o, --output <file>", "the noisy log, format by extension")
    .requiredOption("--truth <file>", "the noise: user, item and kind of every injected pair");
  withLogOptions(command);
  command.addHelpText(
    "after",
    `\nKinds:\n${kinds.map((kind) => `  ${kind}: ${NOISE_KINDS[kind]}`).join("\n")}`,
  );
  withCommonOptions(
    command,
    "prorec noise inject clicks.csv --kind popular -o noisy.csv --truth truth.csv",
  ).action((paths: string[], values: Values) =>
    withLog(paths, values, session, (log) => run(log, values, session)),
  );
}

async function run(log: Log, values: Values, session: Session): Promise<void> {
  const { kind, rate, seed, output, truth } = values;
  for (const path of [output, truth]) outputFormat(path);
  await assertOutputs([output, truth], log.source.files);
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const { pairs, changeOf } = injectionInto(interactions, corrupted(interactions, values), seed);
  await together(async ({ file }) => {
    await writeRewritten(log, await file(output), changeOf, session);
    const rows = pairs.map((pair) => [...pair, kind]);
    await writeRows(await file(truth), TRUTH_COLUMNS, rows, session.signal);
  }, session.signal);
  const injected = pairs.length;
  if (session.json) await session.printJson({ kind, rate, seed, injected, report });
  session.note(`${count(injected)} interactions injected. Written: ${output}, ${truth}`);
}

function corrupted(interactions: Interactions, { kind, rate, seed }: Values): Corrupted {
  try {
    return corrupt(interactions, { kind, rate, seed });
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
