import type { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { applyConfig, configurableCommands } from "./config.ts";
import { configSchema } from "./config-schema.ts";
import { buildProgram } from "./run.ts";
import type { Session } from "./session.ts";

interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

const program = buildProgram(commands, {} as Session);
const { properties } = configSchema(program) as {
  properties: Record<string, { properties: Record<string, OptionSchema> }>;
};
const { $schema: _, ...sections } = properties;

describe.each(Object.entries(sections))("%s", (section, { properties: options }) => {
  const command = configurableCommands(program).get(section)!;
  (command as unknown as EventEmitter).setMaxListeners(0); // it is given the config many times

  it("has every option that --help shows, but those of every command, and no other", () => {
    const [help] = command.helpInformation().split("\nEvery command:");
    const shown = [...help!.matchAll(/^ {2}(?:-\w, )?--?([\w-]+)/gm)].map((match) => match[1]!);
    expect(Object.keys(options).sort()).toEqual(shown.filter((name) => !name.startsWith("no-")).sort());
  });

  it("has defaults that are values, and the program agrees on what is none", () => {
    for (const [option, schema] of Object.entries(options)) {
      const take = (value: unknown) =>
        applyConfig({ path: "test", sections: { [section]: { [option]: value } } }, command);
      const name = `${section} ${option}`;
      if (schema.default !== undefined) expect(() => take(schema.default), name).not.toThrow();
      for (const value of refusedBy(schema)) expect(() => take(value), `${name} ${value}`).toThrow(/must be/);
      if (option === "engine") continue; // what it takes depends on the Node
      for (const value of schema.enum ?? []) expect(() => take(value), `${name} ${value}`).not.toThrow();
    }
  });
});

/** Values that a schema excludes. */
function refusedBy(schema: OptionSchema): unknown[] {
  const { type, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  return [
    {},
    null,
    ...(type === "boolean" ? ["yes", 1] : [true]),
    ...(type === "integer" ? [1.5] : []),
    ...(schema.enum ? ["nothing"] : []),
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(maximum === undefined ? [] : [maximum + 1]),
    ...[exclusiveMinimum, exclusiveMaximum].filter((limit) => limit !== undefined),
  ];
}
