import { type Command, InvalidArgumentError, Option } from "commander";
import { type SyntheticLog, synthesizeInSteps } from "../../interactions/synthesize.ts";
import { assertOutputs } from "../../io/atomic.ts";
import type { Cell, Column } from "../../io/rows.ts";
import { outputFormat } from "../../io/sink.ts";
import { together } from "../../io/together.ts";
import { writeRows } from "../../io/write-rows.ts";
import { breathing } from "../../progress.ts";
import { count } from "../log-options.ts";
import { positiveInteger, shareBelowOne, wholeNumber, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly noise: number;
  readonly seed: number;
  readonly output?: string;
  readonly truth?: string;
}

const COLUMNS: readonly Column[] = [
  { name: "user", kind: "text" },
  { name: "item", kind: "text" },
];

export function registerSynth(program: Command, session: Session): void {
  const command = program
    .command("synth")
    .description("Generates a log with known noise, its degrees those of MovieLens 100K at any size.")
    .addOption(new Option("--users <integer>", "number of users").argParser(positiveInteger).default(942))
    .addOption(new Option("--items <integer>", "number of items").argParser(positiveInteger).default(1447))
    .addOption(
      new Option("--interactions <integer>", "distinct pairs, noise included")
        .argParser(positiveInteger)
        .default(55_375),
    )
    .addOption(
      new Option("--noise <share>", "share of them that is noise, below 1")
        .argParser(shareBelowOne)
        .default(0.1),
    )
    .addOption(new Option("--seed <integer>", "same seed, same log").argParser(wholeNumber).default(1))
    .option("-o, --output <file>", "the log, format by extension (default: CSV on standard output)")
    .option("--truth <file>", "the noise: its pairs");
  withCommonOptions(command, "prorec synth --users 2000 --noise .1 -o clicks.csv --truth truth.csv").action(
    async (values: Values) => {
      if (session.json && values.output === undefined) {
        throw new InvalidArgumentError(
          "--json needs -o FILE: standard output can't hold both the log and the summary.",
        );
      }
      const { output, truth } = values;
      const files = [output, truth].filter((path) => path !== undefined);
      for (const path of files) outputFormat(path);
      await assertOutputs(files, []);
      const log = await generate(values, session);
      await together(async ({ file }) => {
        await writeRows(
          output ? await file(output) : process.stdout,
          COLUMNS,
          rowsOf(log, session),
          session.signal,
        );
        if (truth !== undefined)
          await writeRows(await file(truth), COLUMNS, rowsOf(log, session, 1), session.signal);
      }, session.signal);
      const noise = Math.round(log.noise * log.interactions);
      if (session.json) await session.printJson({ ...values, noise, noiseShare: noise / log.interactions });
      session.note(
        `${count(log.interactions)} interactions of ${count(log.users)} users with ${count(log.items)} items, ${count(noise)} of them noise.`,
      );
    },
  );
}

async function generate(values: Values, { signal }: Session): Promise<SyntheticLog> {
  const { users, items, interactions, noise, seed } = values;
  try {
    return await breathing(synthesizeInSteps({ users, items, interactions, noise, seed }), signal);
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** All rows, or those of one kind. */
function* rowsOf(log: SyntheticLog, session: Session, only?: 0 | 1): Generator<readonly Cell[]> {
  for (const { firstUser, offsets, items, noise } of log.blocks()) {
    for (let user = 0; user + 1 < offsets.length; user++) {
      const id = log.userId(firstUser + user);
      for (let row = offsets[user]!; row < offsets[user + 1]!; row++) {
        if (only === undefined || noise[row] === only) yield [id, log.itemId(items[row]!)];
      }
    }
    session.onProgress({ stage: "generate", done: firstUser + offsets.length - 1, total: log.users });
  }
}
