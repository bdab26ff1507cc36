import { Command, type Option } from "commander";

/** Adds some options to a command. */
type WithOptions = (command: Command) => Command;

/** Those of some options that stand on the command line, as opposed to defaults. */
export function givenOptions(command: Command, ...groups: WithOptions[]): Option[] {
  const names = new Set(groups.flatMap((add) => add(new Command()).options.map(({ long }) => long)));
  return command.options.filter(
    (option) => names.has(option.long) && command.getOptionValueSource(option.attributeName()) === "cli",
  );
}

/** The first option with one of these names (as in the code) that stands on the command line. */
export function firstGiven(command: Command, names: readonly string[]): Option | undefined {
  return command.options.find((option) => {
    const name = option.attributeName();
    return names.includes(name) && command.getOptionValueSource(name) === "cli";
  });
}

/** The values of options, by the names that the code has for them. */
export function valuesOf(command: Command, options: readonly Option[]): Record<string, unknown> {
  return Object.fromEntries(
    options.map((option) => [option.attributeName(), command.getOptionValue(option.attributeName())]),
  );
}
