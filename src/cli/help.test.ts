import type { Command } from "commander";
import { expect, it } from "vitest";
import { commands } from "./commands.ts";
import { buildProgram } from "./run.ts";
import type { Session } from "./session.ts";

/** All commands that do something, each by its whole name. */
function runnable(group: Command, before = ""): [string, Command][] {
  return group.commands.flatMap((command) => {
    const name = `${before}${command.name()}`;
    return command.commands.length > 0 ? runnable(command, `${name} `) : [[name, command]];
  });
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp();
  return text;
}

const all = runnable(buildProgram(commands, {} as Session));

it("there are commands", () => {
  expect(all.map(([name]) => name)).toEqual(expect.arrayContaining(["denoise", "noise inject", "metrics"]));
});

it.each(all)("prorec %s --help has the common options and an example of it", (name, command) => {
  const help = helpOf(command);
  for (const option of ["json", "quiet", "verbose", "config", "no-config", "print-config", "help"]) {
    expect(help).toMatch(new RegExp(`^ {2}(-h, )?--${option} `, "m"));
  }
  expect(help).toMatch(new RegExp(`\n\nExample:\n  prorec ${name}( |\n|$)`));
});
