import { type Command, InvalidArgumentError } from "commander";
import type { RunRecord } from "../../cluster/record.ts";
import type { Attendance, RunState } from "../../cluster/runs.ts";
import { printablePath } from "../../io/printable.ts";
import type { Progress } from "../../progress.ts";
import { count, plural } from "../../report/table.ts";
import { type ClusterOptionValues, clusterOption, withClusterOptions } from "../cluster-options.ts";
import { withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { registerRunsCollect } from "./runs-collect.ts";
import { registerRunsResume } from "./runs-resume.ts";

export function registerRuns(program: Command, session: Session): void {
  const group = program
    .command("runs")
    .description("Lists the runs and workers of a cluster, shows, ends and resumes a run, clears a store.")
    .helpOption("--help", "print what a command does and its options");
  const list = group
    .command("list")
    .description("Lists runs and workers, and what the runs are at; with --store also interrupted runs.");
  withClusterOptions(list);
  withCommonOptions(list, "prorec runs list --cluster redis://queue.example:6379").action(
    async (values: ClusterOptionValues) => {
      const { attendance } = await import("../../cluster/runs.ts");
      const present = await attendance(addressFrom(values), values.store);
      if (session.json) await session.printJson(present);
      else await session.print(lines(present).join(""));
    },
  );
  const show = group
    .command("show")
    .description(
      "Shows how far a run is, its blocks and the workers; of an interrupted one (--store) what it was.",
    )
    .argument("<run>", "its id, which it tells when it starts and runs list shows");
  withClusterOptions(show);
  withCommonOptions(show, "prorec runs show 1f0c6a2b --cluster redis://queue.example:6379").action(
    async (id: string, values: ClusterOptionValues) => {
      const { stateOf } = await import("../../cluster/runs.ts");
      const state = await stateOf(addressFrom(values), values.store, id);
      if (session.json) await session.printJson(state);
      else await session.print(linesOf(state).join(""));
    },
  );
  const metrics = group
    .command("metrics")
    .description("Prints what runs and workers have done so far, in Prometheus's text format.")
    .addOption(clusterOption());
  withCommonOptions(metrics, "prorec runs metrics --cluster redis://queue.example:6379").action(
    async (values: ClusterOptionValues) => {
      const { attendance } = await import("../../cluster/runs.ts");
      const { metricsOf } = await import("../../cluster/metrics.ts");
      const present = await attendance(addressFrom(values));
      if (session.json) await session.printJson(present);
      else await session.print(metricsOf(present));
    },
  );
  const cancel = group
    .command("cancel")
    .description("Ends a run, wherever it is; what is done stays in the store, runs resume goes on.")
    .argument("<run>", "its id, which it tells when it starts and runs list shows")
    .addOption(clusterOption());
  withCommonOptions(cancel, "prorec runs cancel 1f0c6a2b --cluster redis://queue.example:6379").action(
    async (id: string, values: ClusterOptionValues) => {
      const { cancelRun } = await import("../../cluster/runs.ts");
      await cancelRun(addressFrom(values), id);
      session.note(`Run ${id} ends within some seconds.`);
    },
  );
  registerRunsResume(group, session);
  registerRunsCollect(group, session);
}

function lines({ runs, workers, interrupted = [] }: Attendance): string[] {
  const told = (kind: string, all: Attendance["runs"]) =>
    all.map(
      ({ id, host, process, since, build, at }) =>
        `${kind} ${id}: process ${process} on ${host} since ${since}${at ? `, ${stepOf(at)}` : ""}; ${build.name}\n`,
    );
  return [
    ...told("run", runs),
    ...interrupted.map((run) => `interrupted ${interruptedLine(run)}\n`),
    ...told("worker", workers),
  ];
}

function linesOf({ run, interrupted, workers }: RunState): string[] {
  const threads = workers.reduce((sum, worker) => sum + (worker.threads ?? 0), 0);
  const crowd = `${plural(workers.length, "worker")} of its build, ${plural(threads, "thread")}\n`;
  if (run === undefined) return [`run ${interruptedLine(interrupted!)}\n`, crowd];
  const { id, process, host, since, at, blocks, build } = run;
  return [
    `run ${id}: process ${process} on ${host} since ${since}; ${build.name}\n`,
    ...(at ? [`${stepOf(at)}\n`] : []),
    ...(blocks
      ? [
          `${count(blocks.computed)} blocks computed, ${count(blocks.there)} were there, ${count(blocks.waiting)} waiting\n`,
        ]
      : []),
    crowd,
  ];
}

function stepOf({ stage, done, total }: Progress): string {
  return `${stage} ${done} of ${total}`;
}

function interruptedLine({ id, host, folder, log, since }: RunRecord): string {
  const files = log.map((file) => printablePath(file)).join(" ");
  return `${id}: denoise ${files}, begun ${since} on ${host} in ${printablePath(folder)}; runs resume ${id} goes on`;
}

function addressFrom({ cluster }: ClusterOptionValues): string {
  if (cluster === undefined)
    throw new InvalidArgumentError("Which cluster? --cluster redis://HOST:PORT names it.");
  return cluster;
}
