import type { Command } from "commander";
import { ProRecError } from "../../errors.ts";
import { printablePath } from "../../io/printable.ts";
import { type ClusterOptionValues, clusterNamed, withClusterOptions } from "../cluster-options.ts";
import { withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { type DenoiseValues, denoiseLog } from "./denoise.ts";

export function registerRunsResume(group: Command, session: Session): void {
  const resume = group
    .command("resume")
    .description("Goes on with a run that was interrupted: same log, same options, same bytes.")
    .argument("<run>", "its id, which it told when it started and runs list --store shows");
  withClusterOptions(resume);
  withCommonOptions(
    resume,
    "prorec runs resume 1f0c6a2b --cluster redis://queue.example:6379 --store /mnt/prorec",
  ).action(async (id: string, values: ClusterOptionValues) => {
    const { cluster, store: place } = clusterNamed(values);
    const { openStore } = await import("../../cluster/store/store.ts");
    const { recordOf } = await import("../../cluster/record.ts");
    const { assertGone } = await import("../../cluster/runs.ts");
    const store = await openStore(place);
    const record = await recordOf(store, id);
    await assertGone(cluster, id, session);
    enter(record.folder, id);
    const options = record.options as unknown as DenoiseValues;
    const going = options.saveRun === undefined ? {} : { resume: true };
    await denoiseLog(record.log, { ...options, ...going, cluster, store: store.location }, session, record);
  });
}

function enter(folder: string, id: string): void {
  try {
    process.chdir(folder);
  } catch (cause) {
    throw new ProRecError(
      "UNREADABLE_FILE",
      `Run ${id} began in the folder ${printablePath(folder)}, which isn't here.`,
      { details: { file: folder }, hint: "Resume it on the machine that it began on.", cause },
    );
  }
}
