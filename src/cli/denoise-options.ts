import { type Command, InvalidArgumentError, Option } from "commander";
import type { NetworkScore } from "../denoise/network-score.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import type { Threshold } from "../transport/match.ts";
import { firstGiven } from "./given.ts";
import { fraction, oneOf, positiveInteger, positiveNumber, share } from "./options.ts";

export interface DenoiseOptionValues {
  readonly gamma: number;
  readonly beta: number;
  readonly lambda: number;
  readonly iterations?: number;
  readonly untilConverged?: boolean;
  readonly tolerance: number;
  readonly transport: DenoiseSettings["transport"];
  readonly marginals?: DenoiseSettings["marginals"];
  readonly mass: number;
  readonly marginalPenalty: number;
  readonly threshold: Threshold;
  readonly exactColumns?: boolean;
  readonly networkScore: NetworkScore;
}

/** Algorithm 1's hyper-parameters. */
export function withDenoiseOptions(command: Command): Command {
  return command
    .optionsGroup("Denoising:")
    .addOption(
      new Option("--gamma <number>", "entropy of the transport").argParser(positiveNumber).default(0.1),
    )
    .addOption(
      new Option("--beta <number>", "steepness of the relabelling").argParser(positiveNumber).default(20),
    )
    .addOption(
      new Option("--lambda <number>", "share of the old value that stays, 0 to 1")
        .argParser(fraction)
        .default(0.5),
    )
    .option("--iterations <integer>", "rounds of fit, transport and relabelling (default 1)", positiveInteger)
    .option(
      "--until-converged",
      "repeat until a round changes little (Algorithm 1's loop; at most --iterations, 100)",
    )
    .addOption(
      new Option("--tolerance <number>", "how little that is").argParser(positiveNumber).default(1e-3),
    )
    .addOption(
      new Option(
        "--transport <name>",
        "relaxed (both marginals), item-side, user-side, sinkhorn, emd, fixed-mass or unbalanced; --json says how a solver ended",
      )
        .argParser(oneOf("relaxed", "item-side", "user-side", "sinkhorn", "emd", "fixed-mass", "unbalanced"))
        .default("relaxed"),
    )
    .addOption(
      new Option(
        "--marginals <name>",
        "popularity or uniform (default popularity, for emd uniform)",
      ).argParser(oneOf("popularity", "uniform")),
    )
    .addOption(
      new Option("--mass <share>", "how much of the mass fixed-mass moves").argParser(share).default(0.9),
    )
    .addOption(
      new Option("--marginal-penalty <number>", "what unbalanced pays for a missed marginal")
        .argParser(positiveNumber)
        .default(1),
    )
    .addOption(
      new Option("--threshold <name>", "personal, observed (among the user's own items) or global:K")
        .argParser(threshold)
        .default("personal"),
    )
    .option("--exact-columns", "sum the items' columns in full even where a certified shortcut is faster")
    .addOption(
      new Option(
        "--network-score <name>",
        "what of a network is matched: probability (-G of the paper) or logit",
      )
        .argParser(oneOf("probability", "logit"))
        .default("probability"),
    )
    .hook("preAction", (_, command) => {
      assertOfTransport(command, "mass", "fixed-mass");
      assertOfTransport(command, "marginalPenalty", "unbalanced");
    });
}

/** Refuses an option that is given for another transport than its own. */
function assertOfTransport(command: Command, option: keyof DenoiseOptionValues, transport: string): void {
  const { transport: chosen } = command.opts<DenoiseOptionValues>();
  const given = firstGiven(command, [option]);
  if (chosen === transport || given === undefined) return;
  throw new InvalidArgumentError(
    `${given.long} belongs to --transport ${transport}, and has no effect on --transport ${chosen}.`,
  );
}

/** The settings of `denoise` that the options give. */
export function settingsFrom(values: DenoiseOptionValues): Partial<DenoiseSettings> {
  const { gamma, beta, lambda, iterations, untilConverged, tolerance, transport, threshold } = values;
  const { exactColumns, marginals, mass, marginalPenalty, networkScore } = values;
  return {
    ...{ gamma, beta, lambda, tolerance, transport, threshold, mass, marginalPenalty, networkScore },
    ...(marginals === undefined ? {} : { marginals }),
    ...(exactColumns === undefined ? {} : { exactColumns }),
    ...(iterations === undefined ? {} : { iterations }),
    ...(untilConverged === undefined ? {} : { untilConverged }),
  };
}

function threshold(text: string): Threshold {
  const global = /^global:(.*)$/.exec(text)?.[1];
  if (global !== undefined) return { global: positiveInteger(global) };
  if (text === "global")
    throw new InvalidArgumentError("It must say after how many items, for example global:10.");
  return oneOf("personal", "observed", "global:K")(text) as "personal" | "observed"; // "global:K" went above
}
