import { join } from "node:path";
import { Argument, type Command, Option } from "commander";
import type { TargetName } from "../../reproduce/reproduce.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { oneOf, positiveInteger, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends ComputingOptionValues {
  readonly data: string;
  readonly seeds?: number;
  readonly quick?: boolean;
  readonly output: string;
  readonly cells?: string;
}

const NAMES = ["table-1", "table-2", "table-3", "figure-1", "figure-2", "figure-3", "claims"] as const;
const SEEDS = 5;

export function registerReproduce(program: Command, session: Session): void {
  const command = program
    .command("reproduce")
    .description(
      "Makes the paper's tables and figures anew from the raw logs, each value beside the paper's.",
    )
    .addArgument(new Argument("<target>", `${NAMES.join(", ")}, or all`).argParser(oneOf(...NAMES, "all")))
    .addOption(
      new Option(
        "--data <folder>",
        "holds amusic/ratings.tsv, atoy/ratings.tsv and ml-100k/u.data (with u.item for the titles)",
      ).default("data"),
    )
    .option("--seeds <integer>", `runs, with seeds SEED, SEED + 1, ... (default: ${SEEDS})`, positiveInteger)
    .option("--quick", "one seed, settings as they were tuned before, fewer cells: minutes instead of hours")
    .addOption(
      new Option("-o, --output <folder>", "gets reproduction.md, claims.md, pictures and JSON").default(
        "reproduction",
      ),
    )
    .option(
      "--cells <folder>",
      "a file for each finished cell, which is not computed again (default: OUTPUT/cells)",
    );
  withComputingOptions(command);
  withCommonOptions(command, "prorec reproduce table-1 --data data -o reproduction").action(
    async (target: TargetName | "all", values: Values) => {
      const { reproduce, TARGETS } = await import("../../reproduce/reproduce.ts"); // loads nearly everything
      const { data, output, quick = false, seeds = quick ? 1 : SEEDS } = values;
      const names = target === "all" ? (Object.keys(TARGETS) as TargetName[]) : [target];
      const result = await reproduce(names, {
        ...{ data, output, quick },
        cells: values.cells ?? join(output, "cells"),
        seeds: Array.from({ length: seeds }, (_, run) => values.seed + run),
        onCell: (name, cpu) => session.note(`${name}: ${cpu.toFixed(1)} CPU seconds.`),
        ...computingFrom(values),
        ...session,
      });
      if (session.json) await session.printJson(result.data);
      else await session.print(result.markdown);
      session.note(`Written: ${join(output, "reproduction.md")}, claims.md and the pictures beside it.`);
    },
  );
}
