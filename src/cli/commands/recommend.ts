import { type Command, InvalidArgumentError, Option } from "commander";
import { ProRecError } from "../../errors.ts";
import { assertOutputs } from "../../io/atomic.ts";
import { printable, printablePath } from "../../io/printable.ts";
import type { Cell, Column } from "../../io/rows.ts";
import { outputFormat } from "../../io/sink.ts";
import { writeRows } from "../../io/write-rows.ts";
import { loadModel } from "../../models/model-file.ts";
import type { FittedRecommender, Recommendations } from "../../models/recommender.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { firstGiven } from "../given.ts";
import { count, type LogOptionValues, withLog, withLogOptions } from "../log-options.ts";
import {
  MODEL_OPTIONS,
  type ModelOptionValues,
  modelFrom,
  noteReducedFactors,
  withModelOptions,
} from "../model-options.ts";
import { positiveInteger, repeated, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { readWeighted } from "../weighted-log.ts";

interface Values extends LogOptionValues, ModelOptionValues, ComputingOptionValues {
  readonly modelFile?: string;
  readonly user?: readonly string[];
  readonly items?: readonly string[];
  readonly similarTo?: string;
  readonly limit: number;
  readonly includeSeen?: boolean;
  readonly output?: string;
}

/** A fitted model and where it comes from. */
interface Source {
  readonly fitted: FittedRecommender;
  /** The log's or the model file's name, and the log's id columns. */
  readonly name: string;
  readonly columns?: { readonly user: string; readonly item: string };
  readonly weighted?: boolean;
}

/** One list of items; for a user, for someone with some items, or those similar to an item. */
type List = Recommendations & {
  readonly user?: string;
  readonly from?: readonly string[];
  readonly similarTo?: string;
};

const USER: Column = { name: "user", kind: "text" };
const ITEMS: readonly Column[] = [
  { name: "item", kind: "text" },
  { name: "score", kind: "number" },
];

export function registerRecommend(program: Command, session: Session): void {
  const command = program
    .command("recommend")
    .description(
      "Lists best items by a model that prorec train saved, or by one that it fits on the log, with its weights if it was denoised.",
    )
    .option("--model-file <file>", "a saved model instead of LOG")
    .option("--user <id>", "whom to recommend to; may be given more than once", repeated)
    .option(
      "--items <ids>",
      "recommend to someone new who has these items: ID,ID,... (quoted as in CSV)",
      ids,
    )
    .option("--similar-to <item>", "the items most like this one instead")
    .addOption(
      new Option("-n, --limit <integer>", "items a list, fewer where there are no more")
        .argParser(positiveInteger)
        .default(10),
    )
    .option("--include-seen", "also items that the user has already")
    .option("-o, --output <file>", "the lists, format by extension (default: CSV on standard output)");
  withLogOptions(command, { optional: true });
  withModelOptions(command);
  withComputingOptions(command);
  withCommonOptions(
    command,
    "prorec recommend clean.csv --user u42 -n 10\n  prorec recommend --model-file clicks.model -o everyone.csv",
  ).action(async (paths: string[], values: Values, command: Command) => {
    assertOneQuestion(paths, values, session);
    if (values.output !== undefined) outputFormat(values.output);
    if (values.modelFile !== undefined) {
      assertNothingToFit(paths, command);
      await assertOutput(values, [values.modelFile]);
      const fitted = await loadModel(values.modelFile);
      return answer({ fitted, name: values.modelFile }, values, session);
    }
    const model = modelFrom(values, values.seed);
    await withLog(paths, values, session, async (log) => {
      await assertOutput(values, log.source.files);
      const { interactions, weighted } = await readWeighted(log, session);
      const [user, item] = [log.roles.user, log.roles.item].map((role) => log.source.columns[role]!.name);
      const unfitted = { interactions, name: log.source.name, columns: { user: user!, item: item! } };
      assertKnown(unfitted, values);
      noteReducedFactors(model, interactions, session);
      const fitted = await model.fit(interactions, { ...computingFrom(values), ...session });
      await answer({ ...unfitted, fitted, weighted }, values, session);
    });
  });
}

async function answer(source: Source, values: Values, session: Session): Promise<void> {
  const { fitted, weighted } = source;
  assertKnown({ ...source, interactions: fitted.interactions }, values);
  const lists = listsOf(fitted, values, session);
  const { name: model, parameters } = fitted.model;
  const described = { model, parameters, ...(weighted === undefined ? {} : { weighted }) };
  if (session.json && values.output === undefined) {
    const recommendations = [];
    for await (const list of lists) recommendations.push(list);
    return session.printJson({ ...described, recommendations });
  }
  const people = values.items === undefined && values.similarTo === undefined;
  const columns = people ? [USER, ...ITEMS] : ITEMS;
  let written = 0;
  async function* rows() {
    for await (const list of lists) {
      yield rowsOf(list);
      written++;
    }
  }
  await writeRows(values.output ?? process.stdout, columns, rows(), session.signal);
  if (values.output === undefined) return;
  if (session.json) await session.printJson({ ...described, lists: written, output: values.output });
  session.note(
    `Written: ${printablePath(values.output)}, ${count(written)} ${written === 1 ? "list" : "lists"}`,
  );
}

async function* listsOf(fitted: FittedRecommender, values: Values, session: Session): AsyncGenerator<List> {
  const { user: users, items, similarTo, limit } = values;
  const options = { limit, excludeSeen: !values.includeSeen };
  if (similarTo !== undefined) yield { similarTo, ...fitted.similarItems(similarTo, { limit }) };
  else if (items !== undefined) yield { from: items, ...fitted.recommendFrom(items, options) };
  else {
    const total = users?.length ?? fitted.interactions.users.size;
    let done = 0;
    for await (const list of fitted.recommendAll(users, { ...options, signal: session.signal })) {
      yield list;
      session.onProgress({ stage: "recommend", done: ++done, total });
    }
  }
}

function rowsOf({ user, items, scores }: List): Cell[][] {
  const before = user === undefined ? [] : [user];
  return items.map((item, index) => [...before, item, scores[index]!]);
}

/** Checks that it is said once what to ask, and what to ask it of. */
function assertOneQuestion(paths: readonly string[], values: Values, session: Session): void {
  const { modelFile, user, items, similarTo, includeSeen, output } = values;
  const asked = Object.entries({ "--user": user, "--items": items, "--similar-to": similarTo })
    .filter(([, value]) => value !== undefined)
    .map(([option]) => option);
  if (asked.length > 1) throw new InvalidArgumentError(`${asked.join(" and ")} don't go together.`);
  if (modelFile === undefined && paths.length === 0) {
    throw new InvalidArgumentError("Give a LOG to fit a model on, or --model-file FILE.");
  }
  if (asked.length === 0 && modelFile === undefined) {
    throw new InvalidArgumentError(
      "Say whom to recommend to: --user ID, or --items ID,ID for someone new. (prorec train, then recommend --model-file, does it for everyone.)",
    );
  }
  if (similarTo !== undefined && includeSeen) {
    throw new InvalidArgumentError("--include-seen is about users, --similar-to about an item.");
  }
  if (asked.length === 0 && session.json && output === undefined) {
    throw new InvalidArgumentError("--json for everyone needs -o FILE for the lists.");
  }
}

/** Options that make a model, which a saved one was already made with. */
const FIT_OPTIONS = [...MODEL_OPTIONS, "columns", "minRating", "seed", "threads", "engine"];

function assertNothingToFit(paths: readonly string[], command: Command): void {
  if (paths.length > 0) throw new InvalidArgumentError("LOG and --model-file don't go together.");
  const given = firstGiven(command, FIT_OPTIONS);
  if (given === undefined) return;
  throw new InvalidArgumentError(
    `${given.long} is about fitting a model; the one in --model-file is fitted.`,
  );
}

async function assertOutput({ output }: Values, inputs: readonly string[]): Promise<void> {
  if (output !== undefined) await assertOutputs([output], inputs);
}

/** @throws ProRecError SHAPE_MISMATCH naming the first user or item that was asked about and has no interaction */
function assertKnown(
  { interactions, name, columns }: Omit<Source, "fitted"> & Pick<FittedRecommender, "interactions">,
  { user = [], items = [], similarTo }: Values,
): void {
  const { users, matrix } = interactions;
  const unknown = (id: string) => {
    const row = users.indexOf(id);
    return row < 0 || matrix.offsets[row] === matrix.offsets[row + 1];
  };
  const strange = (id: string) => interactions.items.indexOf(id) < 0;
  const nobody = user.find(unknown);
  const nothing = [...items, ...(similarTo === undefined ? [] : [similarTo])].find(strange);
  const value = nobody ?? nothing;
  if (value === undefined) return;
  const side = nobody === undefined ? "item" : "user";
  throw new ProRecError(
    "SHAPE_MISMATCH",
    `${printablePath(name)} has no interaction ${side === "user" ? "of user" : "with item"} "${printable(value)}".`,
    {
      details: { file: name, ...(columns && { column: columns[side] }), value },
      hint: "Ids are compared as they are, spaces and leading zeros included.",
    },
  );
}

/** Ids as a row of CSV has them: one with a comma in it stands between quotes. */
function ids(text: string): string[] {
  const cells = text.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g);
  return Array.from(cells, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
}
