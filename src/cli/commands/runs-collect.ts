import { type Command, InvalidArgumentError } from "commander";
import { storeOption } from "../cluster-options.ts";
import { positiveNumber, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values {
  readonly store?: string;
  readonly olderThan: number;
}

const DAY = 86_400_000;

export function registerRunsCollect(group: Command, session: Session): void {
  const collect = group
    .command("collect")
    .description("Removes from a store what no run needs any more: give more days than a run takes.")
    .addOption(storeOption())
    .option("--older-than <days>", "keep jobs of which a part was written in these days", positiveNumber, 7);
  withCommonOptions(collect, "prorec runs collect --store /mnt/prorec --older-than 7").action(
    async ({ store, olderThan }: Values) => {
      if (store === undefined) throw new InvalidArgumentError("Which store? --store PLACE names it.");
      const { openStore } = await import("../../cluster/store/store.ts");
      const { collectGarbage } = await import("../../cluster/garbage.ts");
      const time = new Date(Date.now() - olderThan * DAY);
      const collected = await collectGarbage(await openStore(store), { keep: [], olderThan: time });
      if (session.json) return session.printJson(collected);
      const { pieces, bytes, unfinished } = collected;
      await session.print(
        `${pieces} pieces of ${(bytes / 1e6).toFixed(1)} MB and ${unfinished} unfinished ones removed.\n`,
      );
    },
  );
}
