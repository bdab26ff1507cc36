import type { Denoised } from "../denoise/denoised.ts";
import { denoise } from "../denoise/prorec.ts";
import { type MeanInterval, meanInterval } from "../evaluate/significance.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { findEntry } from "../linalg/sparse.ts";
import { createModel } from "../models/models.ts";
import type { FittedRecommender } from "../models/recommender.ts";
import { decimals, markdownTable } from "../report/table.ts";
import type { Cell, Found, Stored, Target, Workbench } from "./cell.ts";
import { type Film, readFilms } from "./films.ts";
import { COLOURS, picture } from "./picture.ts";
import { TUNED } from "./tuned.ts";

/** A click of the matrix; absent pairs have none. */
interface Click {
  readonly user: string;
  readonly item: string;
  readonly weight: number;
  /** Not below the user's threshold. */
  readonly kept: boolean;
}

interface Listed extends Film {
  readonly item: string;
}

export interface Figure3Cell {
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly user: string;
  readonly clicks: number;
  /** Share of the user's films that are romances. */
  readonly romance: number;
  readonly titled: boolean;
  readonly users: readonly string[];
  readonly items: readonly string[];
  readonly matrix: readonly Click[];
  /** The user's horror films and Titanic: what became of them. */
  readonly films: readonly (Listed & {
    readonly weight: number;
    readonly rank: number;
    readonly kept: boolean;
  })[];
  readonly before: readonly Listed[];
  readonly after: readonly Listed[];
  /** Of the first 6, how many another user gets after, on average; over the seeds. */
  readonly changed: MeanInterval;
}

const TITANIC = "313";
const TOP = 6;
const [ROWS, COLUMNS] = [10, 16];
const LEAST = 20;

/** Figure 3: the interaction matrix before and after, and what one user is recommended. */
export const figure3: Target = {
  title: "Figure 3: a case",
  cells: () => [cell],
  async render(found) {
    const value = figure3Cell(found);
    if (value === undefined) return { markdown: "", data: null, pictures: {} };
    return { markdown: text(value), data: value, pictures: { "figure-3.svg": await drawn(value) } };
  },
};

const cell: Cell = { name: "figure-3/ml-100k", logs: ["ml-100k"], compute: measured };

export function figure3Cell(found: Found): Stored<Figure3Cell> | undefined {
  return found<Figure3Cell>(cell.name);
}

async function measured(bench: Workbench): Promise<Figure3Cell> {
  const log = await bench.log("ml-100k");
  const { threads, engine, signal, data } = bench;
  const run = { threads, engine, signal };
  const films = await readFilms(data);
  const parameters = TUNED["ml-100k"]["nce-plrec"]!;
  const changed: number[] = [];
  let shown: Omit<Figure3Cell, "parameters" | "changed"> | undefined;
  for (const seed of bench.seeds) {
    const model = createModel("nce-plrec", { ...parameters, seed });
    const before = await model.fit(log, run);
    const denoised = await denoise(log, { ...run, model, fitted: before });
    const after = await model.fit(denoised.interactions, run);
    changed.push(await meanChange(before, after));
    shown ??= caseOf(log, denoised, before, after, films);
  }
  return {
    parameters: createModel("nce-plrec", parameters).parameters,
    ...shown!,
    changed: meanInterval(Float64Array.from(changed)),
  };
}

/** Items of the first 6 that were not there before, mean over the users. */
async function meanChange(before: FittedRecommender, after: FittedRecommender): Promise<number> {
  const old = new Map<string, Set<string>>();
  for await (const { user, items } of before.recommendAll(undefined, { limit: TOP }))
    old.set(user, new Set(items));
  let fresh = 0;
  for await (const { user, items } of after.recommendAll(undefined, { limit: TOP })) {
    fresh += items.filter((item) => !old.get(user)!.has(item)).length;
  }
  return fresh / old.size;
}

function caseOf(
  log: Interactions,
  denoised: Denoised,
  before: FittedRecommender,
  after: FittedRecommender,
  films: ReadonlyMap<string, Film> | undefined,
): Omit<Figure3Cell, "parameters" | "changed"> {
  const own = (user: number) =>
    Array.from(log.matrix.indices.subarray(log.matrix.offsets[user], log.matrix.offsets[user + 1]));
  const genres = (item: number) => films?.get(log.items.at(item))?.genres ?? [];
  const romance = (user: number) =>
    own(user).filter((item) => genres(item).includes("Romance")).length / own(user).length;
  const user = films ? romantic(log, romance, genres, own) : 0;
  const shared = (other: number) =>
    own(other).filter((item) => findEntry(log.matrix, user, item) >= 0).length;
  const others = Array.from({ length: log.users.size }, (_, other) => other).filter(
    (other) => other !== user,
  );
  const counts = new Map(others.map((other) => [other, shared(other)]));
  others.sort((left, right) => counts.get(right)! - counts.get(left)! || left - right);
  const users = [user, ...others.slice(0, ROWS - 1)];
  const label = (row: number, item: number) => denoised.labelOf(log.users.at(row), log.items.at(item));
  const byWeight = own(user).sort((left, right) => label(user, right)!.match - label(user, left)!.match);
  const items = Array.from(
    { length: Math.min(COLUMNS, byWeight.length) },
    (_, at) => byWeight[Math.floor((at * byWeight.length) / Math.min(COLUMNS, byWeight.length))]!,
  );
  const listed = (id: string): Listed => ({
    item: id,
    ...(films?.get(id) ?? { title: `film ${id}`, genres: [] }),
  });
  const id = log.users.at(user);
  const told = own(user).filter((item) => genres(item).includes("Horror") || log.items.at(item) === TITANIC);
  return {
    ...{ user: id, clicks: own(user).length, romance: romance(user), titled: films !== undefined },
    users: users.map((row) => log.users.at(row)),
    items: items.map((item) => log.items.at(item)),
    matrix: users.flatMap((row) =>
      items.flatMap((item) => {
        const found = label(row, item);
        if (found === undefined) return [];
        return [
          {
            user: log.users.at(row),
            item: log.items.at(item),
            weight: found.weight,
            kept: found.noise === 0,
          },
        ];
      }),
    ),
    films: told.map((item) => {
      const { weight, rank, noise } = label(user, item)!;
      return { ...listed(log.items.at(item)), weight, rank, kept: noise === 0 };
    }),
    before: before.recommend(id, { limit: TOP }).items.map(listed),
    after: after.recommend(id, { limit: TOP }).items.map(listed),
  };
}

/** Of the users with Titanic, a horror film and at least 20 clicks the one with the largest share of romances; the first of equal ones. */
function romantic(
  log: Interactions,
  romance: (user: number) => number,
  genres: (item: number) => readonly string[],
  own: (user: number) => number[],
): number {
  const titanic = log.items.indexOf(TITANIC);
  const able = Array.from({ length: log.users.size }, (_, user) => user).filter((user) => {
    const items = own(user);
    return (
      items.length >= LEAST &&
      items.includes(titanic) &&
      items.some((item) => genres(item).includes("Horror"))
    );
  });
  return able.reduce((best, user) => (romance(user) > romance(best) ? user : best), able[0] ?? 0);
}

function text(value: Stored<Figure3Cell>): string {
  const { user, clicks, romance, titled, films, before, after, changed } = value;
  const name = ({ title, genres }: Listed) => `${title}${genres.length > 0 ? ` [${genres.join(", ")}]` : ""}`;
  const lists = before.map((film, index) => [String(index + 1), name(film), name(after[index]!)]);
  const fates = films.map((film) => [
    name(film),
    decimals(film.weight, 3),
    String(film.rank),
    film.kept ? "kept" : "flagged",
  ]);
  const rule = titled
    ? `The user: of those with Titanic, a horror film and at least ${LEAST} clicks the one with the largest share of romances: user ${user}, ${Math.round(romance * clicks)} of ${clicks} films.
Of the films that the paper names only Titanic is in ML-100k (Friday the 13th Part 3: 3D, Shakespeare in Love and Runaway Bride are not), so the paper's
own example can't have come from this log as it is published.`
    : "There is no u.item beside u.data, so films are shown by their ids, for the first user of the log.";
  return `The paper shows a user who likes romances, whose one horror film is weighed down, and a romance that then rises into the first
${TOP}. ${rule}

![Weights before and after](reproduction/figure-3.svg)

The user's ${clicks} films in order of their match, every ${Math.max(1, Math.floor(clicks / COLUMNS))}th of them, and the nine users who share most with the user. Before, every click
weighs 1; after, the darker the heavier; a ring marks what is kept (not below the user's threshold).

${markdownTable(["film", "new weight", "rank among all films", ""], fates)}
${markdownTable([`first ${TOP}`, "before", "after"], lists)}
Over all users, ${decimals(changed.mean, 2)} of the first ${TOP} change${changed.low === null ? "" : ` (95% interval over the seeds ${decimals(changed.low, 2)} to ${decimals(changed.high, 2)})`}. NCE-PLRec with the settings of Table II
on the whole log, ProRec's default settings, first seed.
`;
}

async function drawn({ users, items, matrix, user }: Stored<Figure3Cell>): Promise<string> {
  const { axisX, axisY, cell, dot } = await import("@observablehq/plot");
  const cells = matrix.flatMap((click) => [
    { ...click, when: "before", weight: 1, kept: false },
    { ...click, when: "after" },
  ]);
  const all = users.flatMap((row) =>
    items.flatMap((item) => ["before", "after"].map((when) => ({ user: row, item, when }))),
  );
  const place = { x: "item", y: "user", fy: "when" } as const;
  return picture(`Weights of the clicks of user ${user} and nine others, before and after`, {
    ...{ height: 576, marginLeft: 52, marginBottom: 60, marginRight: 50 },
    x: { domain: items as string[], padding: 0.06 },
    y: { domain: users as string[], padding: 0.06 },
    fy: { domain: ["before", "after"], label: null, padding: 0.1 },
    marks: [
      axisX({
        label: "film",
        labelOffset: 54,
        labelAnchor: "center",
        labelArrow: "none",
        tickRotate: -60,
        tickSize: 0,
      }),
      axisY({ label: "user", labelArrow: "none", tickSize: 0 }),
      cell(all, { ...place, fill: COLOURS.grey, fillOpacity: 0.12 }),
      cell(cells, {
        ...place,
        fill: COLOURS.blue,
        fillOpacity: ({ weight }) => 2 * (weight - 0.5) * 0.9 + 0.1,
      }),
      dot(
        cells.filter(({ kept }) => kept),
        { ...place, r: 6, stroke: "currentColor", strokeWidth: 2 },
      ),
    ],
  });
}
