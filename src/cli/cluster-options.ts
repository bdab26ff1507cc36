import { type Command, InvalidArgumentError, Option } from "commander";
import type { ClusterCrew } from "../cluster/crew.ts";
import type { Threads } from "../parallel/crew.ts";
import { type ComputingOptionValues, computingFrom } from "./computing-options.ts";
import { count } from "./log-options.ts";
import type { Session } from "./session.ts";

export interface ClusterOptionValues {
  readonly cluster?: string;
  readonly store?: string;
}

export function clusterOption(): Option {
  const queue = "redis://HOST:PORT[/DB] or postgres://USER@HOST/DATABASE, where blocks of work queue up";
  return new Option("--cluster <url>", queue);
}

export function storeOption(): Option {
  return new Option(
    "--store <place>",
    "a folder that all machines share, or s3://bucket/prefix: inputs and results",
  );
}

/** `--cluster --store`: which machines work together. */
export function withClusterOptions(command: Command): Command {
  return command.optionsGroup("Cluster:").addOption(clusterOption()).addOption(storeOption());
}

/** Both of them or neither. */
export function clusterFrom({ cluster, store }: ClusterOptionValues) {
  if ((cluster === undefined) !== (store === undefined)) {
    throw new InvalidArgumentError(
      "--cluster and --store go together: the queue, and where the numbers are.",
    );
  }
  return cluster === undefined || store === undefined ? undefined : { cluster, store };
}

/** Both of them, for commands that do nothing without. */
export function clusterNamed(values: ClusterOptionValues): { cluster: string; store: string } {
  const named = clusterFrom(values);
  if (named !== undefined) return named;
  throw new InvalidArgumentError(
    "Which cluster? --cluster redis://HOST:PORT (or postgres://...) and --store PLACE name it.",
  );
}

/**
 * Runs `work` with this machine's threads, or with the cluster that is asked for, which it gets as `crew`, too; `run` is
 * the id of one that goes on.
 */
export async function withThreads<Result>(
  values: ClusterOptionValues & ComputingOptionValues,
  session: Session,
  work: (threads: Threads, crew?: ClusterCrew) => Promise<Result>,
  run?: string,
): Promise<Result> {
  const { threads } = computingFrom(values);
  const cluster = clusterFrom(values);
  if (cluster === undefined) return work(threads);
  const { openClusterCrew } = await import("../cluster/crew.ts");
  const crew = await openClusterCrew({ ...cluster, threads, run, note: session.note });
  try {
    return await work(crew, crew);
  } finally {
    const { computed, there } = crew.news().blocks;
    session.note(`Cluster: ${count(computed)} blocks computed, ${count(there)} were there already.`);
    await crew.close();
  }
}
