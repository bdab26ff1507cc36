import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { applyConfig, configurableCommands, readConfig } from "./config.ts";
import { buildProgram } from "./run.ts";
import type { Session } from "./session.ts";

const folder = mkdtempSync(join(tmpdir(), "prorec-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads the config and gives it to a command. */
async function configured(config: unknown, section: string): Promise<Command> {
  const program = buildProgram(commands, {} as Session);
  const path = join(folder, "some.json");
  writeFileSync(path, typeof config === "string" ? config : JSON.stringify(config));
  const command = configurableCommands(program).get(section)!;
  applyConfig((await readConfig(program, ["--config", path]))!, command);
  return command;
}

it("gives a command its options, and no other", async () => {
  const config = {
    $schema: "./config.schema.json",
    denoise: { gamma: 0.5, model: "ease", columns: "user=a,item=2", "exact-columns": true, beta: "9" },
    evaluate: { gamma: 0.7 },
  };
  const { gamma, model, columns, exactColumns, beta } = (await configured(config, "denoise")).opts();
  expect({ gamma, model, columns, exactColumns, beta }).toEqual({
    gamma: 0.5,
    model: "ease",
    columns: { user: "a", item: "2" },
    exactColumns: true,
    beta: 9,
  });
});

it("gives way to the command line, list by list", async () => {
  const config = { recommend: { user: ["u1", "u2"], limit: 3, "include-seen": true } };
  const asConfigured = (await configured(config, "recommend")).parseOptions(["--limit", "4"]);
  expect(asConfigured.unknown).toEqual([]);
  const users = async (...words: string[]) => {
    const command = await configured(config, "recommend");
    command.parseOptions(words);
    return command.opts();
  };
  expect(await users("--limit", "4")).toMatchObject({ user: ["u1", "u2"], limit: 4, includeSeen: true });
  expect(await users("--user", "u3", "--user", "u4")).toMatchObject({ user: ["u3", "u4"], limit: 3 });
  const evaluate = await configured({ evaluate: { controls: false } }, "evaluate");
  evaluate.parseOptions(["--controls"]);
  expect(evaluate.opts().controls).toBe(true);
});

it("that nobody asked for and that isn't there is none", async () => {
  const program = buildProgram(commands, {} as Session);
  expect(await readConfig(program, ["denoise"])).toBeUndefined();
  expect(await readConfig(program, ["denoise", "--no-config"])).toBeUndefined();
  const path = join(folder, "nowhere.json");
  await expect(readConfig(program, [`--config=${path}`])).rejects.toThrow(/nowhere.json can't be read/);
});

describe("what is refused", () => {
  it.each([
    ["{", "is not JSON", undefined],
    [[], "must be an object", undefined],
    [{ denoize: {} }, 'no command "denoize"', "denoise"],
    [{ "noise injekt": {} }, 'no command "noise injekt"', "noise inject"],
    [{ ["__proto__"]: {} }, 'no command "__proto__"', undefined],
    [{ denoise: 1 }, '"denoise" must be an object', undefined],
    [{ synth: { usres: 1 } }, '"synth" has no option "usres"', "users"],
    [{ denoise: { quiet: true } }, '"denoise" has no option "quiet"', undefined],
    [{ denoise: { gamma: -1 } }, '"gamma" of "denoise" is -1. It must be a number above 0', undefined],
    [{ denoise: { gamma: [1] } }, '"gamma" of "denoise" is [1]. It must be a number or a text', undefined],
    [{ denoise: { model: "esae" } }, '"model" of "denoise" is "esae"', "ease"],
    [{ denoise: { "exact-columns": "yes" } }, "It must be true or false", undefined],
  ])("%j", async (config, message, meant) => {
    const error = await configured(config, "denoise").catch((error: unknown) => error);
    expect(error).toMatchObject({ exitCode: 1, code: "commander.invalidArgument" });
    expect((error as Error).message).toContain(message);
    expect(/\n\(Did you mean (.*)\?\)$/.exec((error as Error).message)?.[1]).toBe(meant);
  });
});
