import { type Command, InvalidArgumentError } from "commander";
import type { Attendance } from "../../cluster/runs.ts";
import { clusterOption } from "../cluster-options.ts";
import { withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { registerRunsCollect } from "./runs-collect.ts";

interface Values {
  readonly cluster?: string;
}

export function registerRuns(program: Command, session: Session): void {
  const group = program
    .command("runs")
    .description("Lists the runs and workers of a cluster, ends a run, clears a store.")
    .helpOption("--help", "print what a command does and its options");
  const list = group.command("list").description("Lists runs and workers, and what the runs are at.");
  list.addOption(clusterOption());
  withCommonOptions(list, "prorec runs list --cluster redis://queue.example:6379").action(
    async (values: Values) => {
      const { attendance } = await import("../../cluster/runs.ts");
      const present = await attendance(addressFrom(values));
      if (session.json) await session.printJson(present);
      else await session.print(lines(present).join(""));
    },
  );
  const cancel = group
    .command("cancel")
    .description("Ends a run, wherever it is; what is done stays in the store.")
    .argument("<run>", "its id, which it tells when it starts and runs list shows")
    .addOption(clusterOption());
  withCommonOptions(cancel, "prorec runs cancel 1f0c6a2b --cluster redis://queue.example:6379").action(
    async (id: string, values: Values) => {
      const { cancelRun } = await import("../../cluster/runs.ts");
      await cancelRun(addressFrom(values), id);
      session.note(`Run ${id} ends within some seconds.`);
    },
  );
  registerRunsCollect(group, session);
}

function lines({ runs, workers }: Attendance): string[] {
  const told = (kind: string, all: Attendance["runs"]) =>
    all.map(({ id, host, process, since, build, at }) => {
      const where = at ? `, ${at.stage} ${at.done} of ${at.total}` : "";
      return `${kind} ${id}: process ${process} on ${host} since ${since}${where}; ${build.name}\n`;
    });
  return [...told("run", runs), ...told("worker", workers)];
}

function addressFrom({ cluster }: Values): string {
  if (cluster === undefined)
    throw new InvalidArgumentError("Which cluster? --cluster redis://HOST:PORT names it.");
  return cluster;
}
