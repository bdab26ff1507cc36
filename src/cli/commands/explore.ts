import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { ADDED_COLUMNS } from "../../denoise/label.ts";
import { denoise } from "../../denoise/prorec.ts";
import { denoiseSummary } from "../../denoise/summary.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { assertAnnotatable } from "../../io/annotate.ts";
import { type Log, readLog } from "../../io/log.ts";
import { printable, printablePath } from "../../io/printable.ts";
import { plural } from "../../report/table.ts";
import { assertListenable, isLoopback } from "../../server/addresses.ts";
import { type Decisions, openDecisions } from "../../server/decisions.ts";
import type { Explored } from "../../server/explored.ts";
import { readRun } from "../../server/read-run.ts";
import type { ServeOptions } from "../../server/serve.ts";
import { type ItemTitles, readTitles, untitled } from "../../server/titles.ts";
import { type ClusterOptionValues, withClusterOptions } from "../cluster-options.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type DenoiseOptionValues, settingsFrom, withDenoiseOptions } from "../denoise-options.ts";
import { firstGiven, givenOptions } from "../given.ts";
import { count, type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { type ModelOptionValues, modelFrom, noteReducedFactors, withModelOptions } from "../model-options.ts";
import { wholeNumber, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

const port = Object.assign(
  (text: string): number => {
    const value = wholeNumber(text);
    if (value > 65_535) throw new InvalidArgumentError("It must be a port from 0 to 65535.");
    return value;
  },
  { schema: { type: "integer", minimum: 0, maximum: 65_535 } },
);

interface Values
  extends LogOptionValues,
    ModelOptionValues,
    DenoiseOptionValues,
    ComputingOptionValues,
    ClusterOptionValues {
  readonly items?: string;
  readonly decisions?: string;
  readonly host: string;
  readonly port: number;
}

export function registerExplore(program: Command, session: Session): void {
  const command = program
    .command("explore")
    .description(
      "Serves a page on this machine that shows what was flagged and why. LOG is denoised first; or give the folder of a run that denoise --save-run made, or with --cluster nothing: then it shows the runs there. Ends with Ctrl+C.",
    )
    .option("--items <file>", "titles: a table with the items' ids and their titles")
    .option(
      "--decisions <file>",
      "where decisions by hand are kept (default: LOG.decisions.csv, or decisions.csv in the run's folder)",
    )
    .option("--host <address>", "where to listen; anything but this machine itself is a risk", "127.0.0.1")
    .option("--port <integer>", "0 is a free one", port, 0);
  withLogOptions(command, { optional: true });
  withModelOptions(command);
  withDenoiseOptions(command);
  withComputingOptions(command);
  withClusterOptions(command);
  withCommonOptions(
    command,
    "prorec explore clicks.csv --items items.csv\n  prorec explore run\n  prorec explore --cluster redis://queue.example:6379 --store /mnt/prorec",
  ).action(async (paths: string[], values: Values, command: Command) => {
    const [path] = paths;
    assertOneThing(paths, values, command);
    await assertListenable(values.host, values.port);
    if (values.cluster !== undefined) return exploreRuns(values.cluster, values, session);
    if (paths.length === 1 && (await isFolder(path!))) {
      assertNothingToCompute(command, "a run keeps what it was made with.");
      const explored = await readRun(path!);
      const side = await readSide(
        explored.input,
        { decisions: join(path!, "decisions.csv"), ...values },
        session,
      );
      return exploreLog(explored, side, values, session);
    }
    const model = modelFrom(values, values.seed);
    await withLog(paths, values, session, async (log) => {
      await assertAnnotatable(log, process.stdout, ADDED_COLUMNS); // as the export will be
      const read = await readInput(log, session);
      const decisions = `${path === "-" ? "standard-input" : path}.decisions.csv`;
      const side = await readSide(read.interactions, { decisions, ...values }, session);
      await exploreLog(await denoised(log, read, values, model, session), side, values, session);
    });
  });
}

interface Input extends Awaited<ReturnType<typeof readLog>> {
  readonly seconds: number;
}

async function readInput(log: Log, session: Session): Promise<Input> {
  const started = performance.now();
  const read = await readLog(log, session);
  const seconds = (performance.now() - started) / 1000;
  session.note(reportLine(log.source.name, read.report));
  return { ...read, seconds };
}

/** What stands beside the log. */
interface Side {
  readonly titles: ItemTitles;
  readonly decisions: Decisions;
}

/** Before anything long is computed, so that what is wrong is said at once. */
async function readSide(
  input: Interactions,
  { items, decisions }: { readonly items?: string; readonly decisions: string },
  { signal, note }: Session,
): Promise<Side> {
  const side = { titles: untitled, decisions: await openDecisions(decisions, input) };
  if (items === undefined) return side;
  const { titles, column, known } = await readTitles(items, input.items, signal);
  note(
    `${printablePath(items)}: titles of ${count(known)} of ${plural(input.items.size, "item")}, from "${printable(column)}".`,
  );
  return { ...side, titles };
}

async function denoised(
  log: Log,
  { interactions, report, seconds: read }: Input,
  values: Values,
  model: ReturnType<typeof modelFrom>,
  session: Session,
): Promise<Explored> {
  noteReducedFactors(model, interactions, session);
  const options = { ...settingsFrom(values), ...computingFrom(values), ...session, model };
  const result = await denoise(interactions, options);
  const seconds = { read, ...result.seconds, write: 0 };
  const { input, settings, scores, matching, relevance, weights, noise } = result;
  return {
    ...{ input, settings, scores, matching, relevance, weights, noise, model, report, log },
    name:
      log.source.files.length > 0
        ? log.source.files.map((file) => basename(file)).join(", ")
        : log.source.name,
    figures: denoiseSummary(result, { seed: values.seed, seconds }),
    titles: untitled,
  };
}

async function exploreLog(
  explored: Explored,
  { titles, decisions }: Side,
  values: Pick<Values, "host" | "port">,
  session: Session,
): Promise<void> {
  const { exploredApi } = await import("../../server/app.ts"); // other commands need no server
  const api = exploredApi({ ...explored, titles }, decisions, bugTeller(session));
  await serve(api, `Decisions are kept in ${printablePath(decisions.counts().file)}.`, values, session);
}

async function exploreRuns(cluster: string, values: Values, session: Session): Promise<void> {
  const { openWatch } = await import("../../cluster/watch.ts");
  const { runsApi } = await import("../../server/runs.ts");
  const watch = await openWatch(cluster, values.store);
  const seen =
    watch.store === null ? "runs that are on; --store PLACE adds those that have ended" : watch.store;
  const what = `Runs at ${watch.cluster}, ${printablePath(seen)}.`;
  try {
    await serve(runsApi({ name: watch.cluster, store: watch.store }, watch.look), what, values, session);
  } finally {
    await watch.close();
  }
}

/** Serves until the run is stopped. */
async function serve(
  api: ServeOptions["api"],
  what: string,
  { host, port }: Pick<Values, "host" | "port">,
  session: Session,
): Promise<void> {
  const { serveExplorer } = await import("../../server/serve.ts");
  const serving = await serveExplorer({ api, host, port, onBug: bugTeller(session) });
  if (!isLoopback(host)) {
    session.note(
      `Anyone who can reach ${host} can try to open this page, and what goes to it is not encrypted. Without --host only this machine can.`,
    );
  }
  session.note(`${what} The address below opens the page in one browser; Ctrl+C ends.`);
  if (session.json) await session.printJson({ address: serving.address, port: serving.port });
  else await session.print(`${serving.address}\n`);
  await new Promise<void>((resolve) => {
    session.signal.addEventListener("abort", () => resolve(), { once: true });
    if (session.signal.aborted) resolve();
  });
  await serving.close();
}

function bugTeller({ note }: Session): (error: Error) => void {
  return (error) => note(`A bug in ProRec, please report it: ${error.stack}`);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/** A log or a run's folder, or the runs of a cluster. */
function assertOneThing(paths: readonly string[], { cluster, store }: Values, command: Command): void {
  if (cluster === undefined) {
    if (store !== undefined)
      throw new InvalidArgumentError("--store goes with --cluster: it shows the runs there.");
    if (paths.length > 0) return;
    throw new InvalidArgumentError(
      "Which log? Give one, or the folder of a run, or --cluster URL for the runs of a cluster.",
    );
  }
  if (paths.length > 0) {
    throw new InvalidArgumentError("--cluster shows the runs there: explore a log or a folder without it.");
  }
  const given = firstGiven(command, ["items", "decisions"]);
  if (given) throw new InvalidArgumentError(`${given.long} is about a log; --cluster shows the runs there.`);
  assertNothingToCompute(command, "--cluster shows the runs there.");
}

function assertNothingToCompute(command: Command, why: string): void {
  const [given] = givenOptions(
    command,
    withLogOptions,
    withModelOptions,
    withDenoiseOptions,
    withComputingOptions,
  );
  if (given === undefined) return;
  throw new InvalidArgumentError(`${given.long} is about denoising a log; ${why}`);
}
