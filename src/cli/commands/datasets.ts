import { once } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { DATASETS, type Dataset, type DatasetName } from "../../datasets/catalogue.ts";
import { getDataset } from "../../datasets/get.ts";
import { printablePath } from "../../io/printable.ts";
import { count } from "../log-options.ts";
import { oneOf, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values {
  readonly output?: string;
  readonly yes?: boolean;
}

const NAMES = Object.keys(DATASETS) as DatasetName[];

export function registerDatasets(program: Command, session: Session): void {
  const group = program
    .command("datasets")
    .description("Lists public logs, or downloads one from its official address.")
    .helpOption("-h, --help", "print what a command does and its options");
  const list = group.command("list").description("Lists the data sets, their licences and addresses.");
  withCommonOptions(list, "prorec datasets list").action(async () => {
    if (session.json) await session.printJson(DATASETS);
    else await session.print(NAMES.map((name) => described(name, DATASETS[name])).join("\n"));
  });
  const get = group
    .command("get")
    .description(
      "Downloads a data set, checks its sha256 and unpacks it. It goes on where it was stopped, and keeps what it downloaded.",
    )
    .addArgument(new Argument("<name>", NAMES.join(", ")).argParser(oneOf(...NAMES)))
    .option("-o, --output <folder>", "where to put it (default: a folder of its name)")
    .option("--yes", "accept the licence, which is asked for otherwise");
  withCommonOptions(get, "prorec datasets get ml-100k -o data --yes").action(
    (name: DatasetName, values: Values) => run(name, values, session),
  );
}

async function run(
  name: DatasetName,
  { output = name, yes = false }: Values,
  session: Session,
): Promise<void> {
  const dataset: Dataset = DATASETS[name];
  const { licence, url, note, log, options } = dataset;
  session.note(`${dataset.title}. ${note}`);
  session.note(`Licence: ${licence.text} ${licence.url}`);
  if (!yes) await consent(name, dataset, session);
  const cache = cacheFolder();
  const { files, downloaded, sha256, known } = await getDataset(dataset, {
    ...session,
    cache,
    folder: output,
  });
  const checked = known ? "as expected" : "recorded; nobody publishes what it should be";
  session.note(`${downloaded ? url : `From ${printablePath(cache)}`}: sha256 ${sha256}, ${checked}.`);
  if (session.json) await session.printJson({ name, url, licence, files, downloaded, sha256, known });
  session.note(`Written: ${files.join(", ")}`);
  const next = ["prorec denoise", join(output, log), options, "-o clean.csv"].filter(Boolean).join(" ");
  session.note(`Next: ${next}`);
}

/** Asks on the terminal. @throws InvalidArgumentError where there is none, or for an answer that is not yes */
async function consent(name: DatasetName, { licence }: Dataset, { signal }: Session): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new InvalidArgumentError(
      `${name} comes under terms of its own: ${licence.url} Give --yes if you accept them.`,
    );
  }
  // Not a `terminal`: Ctrl-C must reach the process.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const closed = once(lines, "close").then(() => "");
  const question = lines.question("Download it under these terms? [y/N] ", { signal });
  const answer = await Promise.race([question, closed]).finally(() => lines.close());
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new InvalidArgumentError("Nothing was downloaded: its terms were not accepted.");
  }
}

/** Where downloads stay: in the user's cache, as the system has it. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  return join(XDG_CACHE_HOME || LOCALAPPDATA || join(homedir(), ".cache"), "prorec");
}

function described(name: string, { title, note, url, licence, bytes, sha256 }: Dataset): string {
  return [
    `${name}: ${title}`,
    `  ${note}`,
    `  Licence: ${licence.text} ${licence.url}`,
    `  ${url}${bytes === undefined ? "" : `, ${count(bytes)} bytes`}`,
    `  sha256: ${sha256 ?? "recorded at the first download; none is published"}`,
    "",
  ].join("\n");
}
