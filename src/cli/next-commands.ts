import type { Command } from "commander";
import type { Tuning } from "../evaluate/tune.ts";
import { withComputingOptions } from "./computing-options.ts";
import { withDenoiseOptions } from "./denoise-options.ts";
import { givenOptions } from "./given.ts";
import { withLogOptions } from "./log-options.ts";
import { withModelOptions } from "./model-options.ts";

/**
 * Command lines that use what a search found: the best model, with the best denoising where that was searched.
 * `command` is the one that searched; `cut` are words that make evaluate hold the same rows back.
 */
export function nextCommands(
  { base, prorec }: Tuning,
  paths: readonly string[],
  command: Command,
  cut: readonly string[],
): { evaluate: string; denoise: string } {
  const point: Record<string, number> = { ...base.parameters, ...prorec?.denoise };
  const chosen = command.options.flatMap((option) => {
    const value = point[option.attributeName()];
    return value === undefined ? [] : [option.long!, String(value)];
  });
  const groups = [withLogOptions, withModelOptions, withDenoiseOptions, withComputingOptions];
  const given = givenOptions(command, ...groups)
    .filter(({ long }) => long !== "--model" && long !== "--threads")
    .filter((option) => !(option.attributeName() in point))
    .flatMap((option) => [option.long!, ...textOf(command.getOptionValue(option.attributeName()))]);
  const model = ["--model", command.getOptionValue("model") as string, ...chosen, ...given];
  return {
    evaluate: commandLine(["prorec", "evaluate", ...paths, "--runs", "1", ...cut, ...model]),
    denoise: commandLine(["prorec", "denoise", ...paths, "-o", "clean.csv", ...model]),
  };
}

/** A command line for the log that `command` read, as it read it. */
export function nextCommand(
  name: string,
  paths: readonly string[],
  words: readonly string[],
  command: Command,
): string {
  const given = givenOptions(command, withLogOptions).flatMap((option) => [
    option.long!,
    ...textOf(command.getOptionValue(option.attributeName())),
  ]);
  return commandLine(["prorec", name, ...paths, ...words, ...given]);
}

/** An option's value as it could have been written: none of a switch, `global:10`, `user=who,item=what`. */
function textOf(value: unknown): string[] {
  if (value === true) return [];
  if (typeof value !== "object") return [String(value)];
  const pairs = Object.entries(value as object);
  if (pairs[0]?.[0] === "global") return [`global:${pairs[0][1]}`];
  return [pairs.map(([role, column]) => `${role}=${column}`).join(",")];
}

/** Words for a POSIX shell. */
function commandLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}
