import type { Command } from "commander";
import { METRIC_NAMES, METRICS } from "../../evaluate/metrics.ts";
import { withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

export function registerMetrics(program: Command, session: Session): void {
  const command = program.command("metrics").description("Prints the definition of every metric.");
  withCommonOptions(command, "prorec metrics").action(async () => {
    const definitions = METRIC_NAMES.map((name) => [`${name}@k`, METRICS[name].definition] as const);
    if (session.json) await session.printJson(Object.fromEntries(definitions));
    else await session.print(definitions.map(([name, definition]) => `${name}\n  ${definition}\n`).join(""));
  });
}
