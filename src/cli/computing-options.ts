import { type Command, InvalidArgumentError, Option } from "commander";
import type { Engine } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { defaultThreads } from "../parallel/crew.ts";
import { oneOf, positiveInteger, wholeNumber } from "./options.ts";

export interface ComputingOptionValues {
  readonly seed: number;
  readonly threads?: number;
  readonly engine: Engine | "auto";
}

/** `--seed --threads --engine`: what every command that computes has. */
export function withComputingOptions(command: Command): Command {
  return command
    .optionsGroup("Computing:")
    .addOption(new Option("--seed <integer>", "same seed, same result").argParser(wholeNumber).default(1))
    .option(
      "--threads <integer>",
      "how many threads compute; no effect on the result (default: as many as there are cores)",
      positiveInteger,
    )
    .addOption(
      new Option(
        "--engine <name>",
        "auto, relaxed-simd (Node 22 and newer) or simd128 (the same bits everywhere)",
      )
        .argParser(engine)
        .default("auto"),
    );
}

/** The threads and the engine that the options ask for. */
export function computingFrom({ threads, engine }: ComputingOptionValues): {
  threads: number;
  engine: Engine | "auto";
} {
  return { threads: threads ?? defaultThreads(), engine };
}

function engine(text: string): Engine | "auto" {
  const name = oneOf("auto", "relaxed-simd", "simd128")(text);
  try {
    loadKernels(name);
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
  return name;
}
