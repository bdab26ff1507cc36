import { type Command, InvalidArgumentError } from "commander";
import { isOn, type RunStatus, type Status } from "../../cluster/status.ts";
import type { Watch } from "../../cluster/watch.ts";
import { printable, printablePath } from "../../io/printable.ts";
import type { Progress } from "../../progress.ts";
import { count, plural } from "../../report/table.ts";
import { type ClusterOptionValues, clusterOption, withClusterOptions } from "../cluster-options.ts";
import { withCommonOptions } from "../options.ts";
import { duration } from "../pace.ts";
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
    .description("Lists runs and workers, and what the runs are at; with --store also runs that have ended.");
  withClusterOptions(list);
  withCommonOptions(list, "prorec runs list --cluster redis://queue.example:6379").action(
    async (values: ClusterOptionValues) => {
      const status = await watching(values, (watch) => watch.look());
      if (session.json) await session.printJson(status);
      else await session.print(lines(status).join(""));
    },
  );
  const show = group
    .command("show")
    .description("Shows how far a run is, its blocks and the workers; of one that has ended (--store) how.")
    .argument("<run>", "its id, which it tells when it starts and runs list shows");
  withClusterOptions(show);
  withCommonOptions(show, "prorec runs show 1f0c6a2b --cluster redis://queue.example:6379").action(
    async (id: string, values: ClusterOptionValues) => {
      const { runNamed } = await import("../../cluster/watch.ts");
      const { run, workers } = await watching(values, (watch) => runNamed(watch, id));
      if (session.json) await session.printJson({ run, workers });
      else await session.print(linesOf(run).join(""));
    },
  );
  const metrics = group
    .command("metrics")
    .description("Prints what runs and workers have done so far, in Prometheus's text format.")
    .addOption(clusterOption());
  withCommonOptions(metrics, "prorec runs metrics --cluster redis://queue.example:6379").action(
    async (values: ClusterOptionValues) => {
      const { attendanceAt } = await import("../../cluster/runs.ts");
      const { metricsOf } = await import("../../cluster/metrics.ts");
      const present = await attendanceAt(addressFrom(values));
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

async function watching<Result>(
  values: ClusterOptionValues,
  work: (watch: Watch) => Promise<Result>,
): Promise<Result> {
  const { openWatch } = await import("../../cluster/watch.ts");
  const watch = await openWatch(addressFrom(values), values.store);
  return work(watch).finally(watch.close);
}

function lines({ runs, workers }: Status): string[] {
  return [
    ...runs.map((run) => `${headOf(run)}${run.at && isOn(run) ? `, ${stepOf(run.at)}` : ""}\n`),
    ...workers.map(
      ({ id, host, process, since, build }) =>
        `worker ${id}: process ${process} on ${printable(host)} since ${since}; ${build.name}\n`,
    ),
  ];
}

function linesOf(run: RunStatus): string[] {
  const { id, at, pace, stages = [], blocks, workers, threads, failure, resumable, folder, build } = run;
  const speed = pace ? [`${pace.blocksPerSecond.toFixed(1)} blocks/s`] : [];
  const left =
    typeof pace?.secondsLeft === "number" ? [`${duration(pace.secondsLeft)} left of this step`] : [];
  return [
    headOf(run),
    ...(folder === undefined ? [] : [`in ${printablePath(folder)}`]),
    ...(build === undefined ? [] : [build]),
    ...(isOn(run) && at ? [[stepOf(at), ...speed, ...left].join(", ")] : []),
    ...stages.map((stage) => `  ${stepOf(stage)} blocks`),
    ...(blocks
      ? [
          `${count(blocks.computed)} blocks computed, ${count(blocks.there)} were there, ${count(blocks.waiting)} waiting`,
        ]
      : []),
    ...(workers === undefined
      ? []
      : [`${plural(workers, "worker")} of its build, ${plural(threads ?? 0, "thread")}`]),
    ...(failure?.hint === undefined ? [] : [printable(failure.hint, Infinity)]),
    ...(resumable ? [`runs resume ${id} goes on`] : []),
  ].map((line) => `${line}\n`);
}

/** What a run is, in one line. */
function headOf({ id, state, log, host, process, since, ended, failure }: RunStatus): string {
  const files = log?.map((file) => printablePath(file)).join(" ");
  const where = host === undefined ? "" : ` on ${printable(host)}`;
  return [
    `run ${id}: ${state}${ended === undefined ? "" : ` ${ended}`}`,
    ...(failure === undefined ? [] : [printable(failure.message, Infinity)]),
    ...(files === undefined ? [] : [`denoise ${files}`]),
    ...(since === undefined
      ? []
      : [process === undefined ? `begun${where} ${since}` : `process ${process}${where} since ${since}`]),
  ].join("; ");
}

function stepOf({ stage, done, total }: Progress): string {
  return `${stage} ${count(done)} of ${count(total)}`;
}

function addressFrom({ cluster }: ClusterOptionValues): string {
  if (cluster === undefined)
    throw new InvalidArgumentError("Which cluster? --cluster redis://HOST:PORT names it.");
  return cluster;
}
