import type { Command, Option } from "commander";
import { configurable, configurableCommands } from "./config.ts";
import type { OptionParser } from "./options.ts";

/** The JSON Schema of `prorec.config.json`: an object a command, with that command's options. */
export function configSchema(program: Command): object {
  const sections = [...configurableCommands(program)].map(([name, command]) => [
    name,
    {
      type: "object",
      description: command.description(),
      properties: Object.fromEntries(
        configurable(command).map((option) => [option.name(), optionSchema(option)]),
      ),
      additionalProperties: false,
    },
  ]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "prorec.config.json",
    description: "Options of prorec's commands by their long names. The command line wins.",
    type: "object",
    properties: { $schema: { type: "string" }, ...Object.fromEntries(sections) },
    additionalProperties: false,
  };
}

function optionSchema(option: Option): object {
  const { description, defaultValue, defaultValueDescription } = option;
  const given = defaultValueDescription ?? defaultValue;
  return {
    description,
    ...typeOf(option),
    ...(given === undefined || option.isBoolean() ? {} : { default: given }),
  };
}

function typeOf(option: Option): object {
  if (option.isBoolean()) return { type: "boolean" };
  if (option.parseArg === undefined) return { type: "string" };
  return (option.parseArg as Partial<OptionParser<unknown>>).schema ?? { type: ["string", "number"] };
}
