import type { Command } from "commander";
import { defaultThreads } from "../../parallel/crew.ts";
import { type ClusterOptionValues, clusterNamed, withClusterOptions } from "../cluster-options.ts";
import { positiveInteger, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends ClusterOptionValues {
  readonly threads?: number;
  readonly logJson?: boolean;
}

export function registerWorker(program: Command, session: Session): void {
  const command = program
    .command("worker")
    .description("Computes blocks of the runs that denoise --cluster starts, until it is stopped.")
    .option(
      "--threads <integer>",
      "how many threads compute (default: as many as there are cores)",
      positiveInteger,
    )
    .option(
      "--log-json",
      "one line of JSON on standard output for each event: started, taken, done, failed, stalled, stopped (needs the package pino)",
    );
  withClusterOptions(command);
  withCommonOptions(
    command,
    "prorec worker --cluster redis://queue.example:6379 --store /mnt/prorec --threads 8",
  ).action(async (values: Values) => {
    const cluster = clusterNamed(values);
    const { serveBlocks } = await import("../../cluster/worker.ts");
    const { threads = defaultThreads() } = values;
    const { openJournal } = await import("../../cluster/journal.ts");
    const journal = values.logJson ? await openJournal((line) => process.stdout.write(line)) : undefined;
    await serveBlocks({ ...cluster, threads, journal, note: session.note, signal: session.signal });
  });
}
