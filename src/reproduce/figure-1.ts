import { denoise } from "../denoise/prorec.ts";
import { type MeanInterval, meanInterval } from "../evaluate/significance.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { splitInteractions } from "../interactions/split.ts";
import { createModel } from "../models/models.ts";
import { decimals, markdownTable, percent } from "../report/table.ts";
import { popularityMarginals } from "../transport/marginals.ts";
import { relaxed } from "../transport/solvers.ts";
import { transport } from "../transport/transport.ts";
import type { Cell, Found, Stored, Target, Workbench } from "./cell.ts";
import { genreDiversity, itemDiversity } from "./diversity.ts";
import { readFilms } from "./films.ts";
import { LOG_TITLES, type LogName } from "./logs.ts";
import { median, partialRankCorrelation, rankCorrelation } from "./measure.ts";
import { COLOURS, picture } from "./picture.ts";
import { TUNED } from "./tuned.ts";

/** A user of Figure 1, in the first seed. */
interface Example {
  readonly user: string;
  readonly clicks: number;
  readonly diversity: number;
  readonly kappa: number;
  /** rho of the user's best items over all items, best first. */
  readonly matches: readonly number[];
}

export interface Figure1Cell {
  readonly log: LogName;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly users: number;
  /** Spearman's correlations with kappa, means over the seeds. */
  readonly correlations: Readonly<Record<string, MeanInterval>>;
  readonly kappa: { readonly median: number; readonly atMost4: number };
  readonly narrow: Example;
  readonly wide: Example;
  /** [diversity, kappa] of every user, in the first seed. */
  readonly points: readonly (readonly [number, number])[];
}

const LOGS: readonly LogName[] = ["ml-100k", "amusic"];
const SHARES = { train: 0.7, test: 0.3 };
/** Users with fewer clicks have no breadth to speak of. */
const LEAST = 5;
/** The two examples have about as many clicks. */
const EXAMPLES = { least: 20, most: 40 };
const CURVE = 1000;

/** Figure 1: does a user with wide tastes get a larger kappa than one with narrow tastes? */
export const figure1: Target = {
  title: "Figure 1: narrow and wide tastes",
  cells: (quick) => (quick ? LOGS.slice(0, 1) : LOGS).map(cell),
  async render(found) {
    const cells = LOGS.map((log) => figure1Cell(found, log)).filter((each) => each !== undefined);
    if (cells.length === 0) return { markdown: "", data: [], pictures: {} };
    const pictures: Record<string, string> = {};
    for (const each of cells) {
      pictures[`figure-1-${each.log}-users.svg`] = await scatter(each);
      pictures[`figure-1-${each.log}-examples.svg`] = await curves(each);
    }
    return { markdown: [INTRODUCTION, ...cells.map(section)].join("\n"), data: cells, pictures };
  },
};

export function figure1Cell(found: Found, log: LogName): Stored<Figure1Cell> | undefined {
  return found<Figure1Cell>(cell(log).name);
}

function cell(log: LogName): Cell {
  return { name: `figure-1/${log}`, logs: [log], compute: (bench) => measured(log, bench) };
}

async function measured(name: LogName, bench: Workbench): Promise<Figure1Cell> {
  const log = await bench.log(name);
  const { threads, engine, signal, data } = bench;
  const run = { threads, engine, signal };
  const films = name === "ml-100k" ? await readFilms(data) : undefined;
  const parameters = TUNED[name]["nce-plrec"]!;
  const correlations: Record<string, number[]> = {};
  let first: Omit<Figure1Cell, "log" | "parameters" | "correlations"> | undefined;
  for (const [done, seed] of bench.seeds.entries()) {
    bench.onProgress?.({ stage: `${name} kappa`, done, total: bench.seeds.length });
    const { train } = splitInteractions(log, { ...SHARES, seed });
    const model = createModel("nce-plrec", { ...parameters, seed });
    const fitted = await model.fit(train, run);
    const { matching } = await denoise(train, { ...run, model, fitted });
    const clicks = train.userCounts();
    const diversity = itemDiversity(train);
    const users = [...clicks.keys()].filter((user) => clicks[user]! >= LEAST);
    const of = (values: ArrayLike<number>) => users.map((user) => values[user]!);
    const kappa = of(matching.kappa);
    const measures = {
      "item diversity": of(diversity),
      ...(films && { "genre diversity": of(genreDiversity(train, films)) }),
    };
    const add = (what: string, value: number) => {
      correlations[what] ??= [];
      correlations[what].push(value);
    };
    add("clicks", rankCorrelation(kappa, of(clicks)));
    for (const [what, values] of Object.entries(measures)) {
      add(what, rankCorrelation(kappa, values));
      add(`${what}, clicks held fixed`, partialRankCorrelation(kappa, values, of(clicks)));
    }
    if (first) continue;
    const comparable = users
      .filter((user) => clicks[user]! >= EXAMPLES.least && clicks[user]! <= EXAMPLES.most)
      .sort((left, right) => diversity[left]! - diversity[right]!);
    const { plan } = await transport(
      fitted.scores,
      popularityMarginals(train.matrix),
      relaxed({ gamma: 0.1 }),
      { engine, signal },
    );
    const example = (user: number): Example => ({
      ...{ user: log.users.at(user), clicks: clicks[user]!, diversity: diversity[user]! },
      ...{ kappa: matching.kappa[user]!, matches: bestMatches(plan.rows(user, user + 1), train) },
    });
    first = {
      users: users.length,
      kappa: {
        median: median(kappa),
        atMost4: kappa.filter((value) => value <= 4).length / kappa.length,
      },
      ...{ narrow: example(comparable[0]!), wide: example(comparable.at(-1)!) },
      points: users.map((user) => [rounded(diversity[user]!), matching.kappa[user]!] as const),
    };
  }
  return {
    ...{ log: name, ...first! },
    parameters: createModel("nce-plrec", parameters).parameters,
    correlations: Object.fromEntries(
      Object.entries(correlations).map(([what, values]) => [what, meanInterval(Float64Array.from(values))]),
    ),
  };
}

function bestMatches(row: Float64Array, { items }: Interactions): number[] {
  const mass = row.reduce((sum, value) => sum + value, 0);
  const sorted = row.sort().reverse();
  return Array.from(sorted.subarray(0, Math.min(CURVE, items.size)), (value) => rounded(value / mass));
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

function section({ log, users, correlations, kappa, narrow, wide }: Stored<Figure1Cell>): string {
  const rows = Object.entries(correlations).map(([what, { mean, low, high }]) => [
    what,
    decimals(mean, 3),
    low === null ? "-" : `${decimals(low, 3)} to ${decimals(high, 3)}`,
  ]);
  const example = ({ user, clicks, diversity, kappa }: Example) => [
    user,
    String(clicks),
    decimals(diversity, 3),
    String(kappa),
  ];
  return `### ${LOG_TITLES[log]}

![kappa of every user by the diversity of their items](reproduction/figure-1-${log}-users.svg)
![The matches of a narrow and a wide user](reproduction/figure-1-${log}-examples.svg)

Spearman's correlation with kappa over ${users} users, mean over the seeds with its 95% interval:

${markdownTable(["with", "correlation", "95% interval"], rows)}
Median kappa ${kappa.median}; ${percent(kappa.atMost4)} of the users have a kappa of at most 4.

${markdownTable(["the two in the picture: user", "clicks", "diversity", "kappa"], [example(narrow), example(wide)])}`;
}

async function scatter({ log, points, narrow, wide }: Stored<Figure1Cell>): Promise<string> {
  const { dot, text } = await import("@observablehq/plot");
  const shown = points.map(([x, y]) => ({ x, y }));
  const examples = [
    { x: narrow.diversity, y: narrow.kappa, name: "narrow", colour: COLOURS.orange },
    { x: wide.diversity, y: wide.kappa, name: "wide", colour: COLOURS.green },
  ];
  return picture(`${LOG_TITLES[log]}: kappa of every user by the diversity of their items`, {
    ...{ height: 320, marginLeft: 56, marginBottom: 42 },
    x: {
      label: "diversity of the user's items (1 - mean cosine)",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { type: "log", label: "kappa", grid: true, tickFormat: ",d" },
    marks: [
      dot(shown, { x: "x", y: "y", r: 2, fill: COLOURS.blue, fillOpacity: 0.45 }),
      dot(examples, { x: "x", y: "y", r: 6, fill: "colour" }),
      text(examples, { x: "x", y: "y", text: "name", dy: -14, fontWeight: 600 }),
    ],
  });
}

async function curves({ log, narrow, wide }: Stored<Figure1Cell>): Promise<string> {
  const { dot, line, text } = await import("@observablehq/plot");
  const examples = [
    { ...narrow, name: "narrow", colour: COLOURS.orange },
    { ...wide, name: "wide", colour: COLOURS.green },
  ];
  const points = examples.flatMap(({ matches, name, colour }) =>
    matches.map((y, rank) => ({ x: rank + 1, y, name, colour })).filter(({ y }) => y > 0),
  );
  const borders = examples
    .filter(({ kappa, matches }) => kappa <= matches.length)
    .map(({ kappa, matches, name, colour }) => ({
      ...{ x: kappa, y: matches[kappa - 1]!, colour },
      text: `${name}: kappa ${kappa}`,
    }));
  return picture(`${LOG_TITLES[log]}: the matches of a narrow and a wide user, best first`, {
    ...{ height: 320, marginLeft: 64, marginBottom: 42, marginRight: 30 },
    x: {
      type: "log",
      label: "rank of the item",
      labelAnchor: "center",
      labelArrow: "none",
      tickFormat: ",d",
    },
    y: { type: "log", label: "match (share of the user's row)", grid: true, tickFormat: "~%" },
    marks: [
      line(points, { x: "x", y: "y", z: "name", stroke: "colour", strokeWidth: 2 }),
      dot(borders, { x: "x", y: "y", r: 6, fill: "colour" }),
      text(borders, { x: "x", y: "y", text: "text", dx: 10, dy: -10, textAnchor: "start", fontWeight: 600 }),
    ],
  });
}

const INTRODUCTION = `The paper's figure shows a user with narrow tastes whose threshold kappa (items kept) is low and one with wide tastes whose
kappa is high. It is a drawing; here it is measured. Diversity of a user: 1 - the mean cosine between two of their items, cosines of the items'
users (no model needed), and where films have genres, exp of the entropy of the genres. NCE-PLRec with the settings of Table II on 70%
of the log, users with at least ${LEAST} clicks there. The two users in the pictures: of those with ${EXAMPLES.least} to ${EXAMPLES.most} clicks the one with the least and
the one with the most diverse items.
`;
