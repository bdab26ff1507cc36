import type { Command } from "commander";
import { assertOutputs } from "../../io/atomic.ts";
import { printablePath } from "../../io/printable.ts";
import { saveModel } from "../../models/model-file.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type LogOptionValues, withLog, withLogOptions } from "../log-options.ts";
import { type ModelOptionValues, modelFrom, noteReducedFactors, withModelOptions } from "../model-options.ts";
import { withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { readWeighted } from "../weighted-log.ts";

interface Values extends LogOptionValues, ModelOptionValues, ComputingOptionValues {
  readonly output: string;
}

export function registerTrain(program: Command, session: Session): void {
  const command = program
    .command("train")
    .description("Fits a model on the log, with its weights if it was denoised, and saves it.")
    .requiredOption("-o, --output <file>", "the model, for prorec recommend --model-file");
  withLogOptions(command);
  withModelOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec train clean.csv -o clicks.model --model ease").action(
    (paths: string[], values: Values) => {
      const model = modelFrom(values, values.seed);
      return withLog(paths, values, session, async (log) => {
        await assertOutputs([values.output], log.source.files);
        const started = performance.now();
        const { interactions, report, weighted } = await readWeighted(log, session);
        const read = performance.now();
        noteReducedFactors(model, interactions, session);
        const fitted = await model.fit(interactions, { ...computingFrom(values), ...session });
        const fit = performance.now();
        await saveModel(values.output, fitted, session);
        const written = performance.now();
        if (session.json) {
          await session.printJson({
            ...{ model: model.name, parameters: model.parameters, weighted, report },
            seconds: {
              read: (read - started) / 1000,
              fit: (fit - read) / 1000,
              write: (written - fit) / 1000,
            },
          });
        }
        session.note(`Written: ${printablePath(values.output)}`);
      });
    },
  );
}
