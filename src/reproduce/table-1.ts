import { count, decimals, markdownTable } from "../report/table.ts";
import type { Cell, Found, Target } from "./cell.ts";
import { LOG_TITLES, type LogName } from "./logs.ts";
import { PAPER_TABLE_1 } from "./paper.ts";

interface Counts {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly sparsity: number;
}

const LOGS: readonly LogName[] = ["ml-100k", "amusic", "atoy", "yahoo-shaped"];

/** Table I: how large the logs are. */
export const table1: Target = {
  title: "Table I: the logs",
  cells: () => LOGS.map(cell),
  render(found) {
    const rows = LOGS.map((name) => ({ name, ours: found<Counts>(cell(name).name), paper: paperOf(name) }));
    const figures = ["users", "items", "interactions", "sparsity"] as const;
    const shown = (counts: Counts | undefined, figure: (typeof figures)[number]) =>
      counts === undefined ? "" : figure === "sparsity" ? decimals(counts.sparsity) : count(counts[figure]);
    const table = markdownTable(
      ["log", ...figures.flatMap((figure) => [figure, "paper"])],
      rows.map(({ name, ours, paper }) => [
        LOG_TITLES[name],
        ...figures.flatMap((figure) => [shown(ours, figure), shown(paper, figure)]),
      ]),
    );
    return { markdown: `${table}\n${note(found)}`, data: rows, pictures: {} };
  },
};

function cell(name: LogName): Cell {
  return {
    name: `table-1/${name}`,
    logs: [name],
    async compute({ log }): Promise<Counts> {
      const { users, items, size } = await log(name);
      const sparsity = 1 - size / (users.size * items.size);
      return { users: users.size, items: items.size, interactions: size, sparsity };
    },
  };
}

function paperOf(name: LogName): Counts {
  return PAPER_TABLE_1[name === "yahoo-shaped" ? "yahoo" : name];
}

function note(found: Found): string {
  const same = LOGS.slice(0, 3).every((name) => {
    const ours = found<Counts>(cell(name).name);
    const paper = paperOf(name);
    return (
      ours === undefined ||
      (ours.users === paper.users && ours.items === paper.items && ours.interactions === paper.interactions)
    );
  });
  return `${same ? "The public logs are the paper's, to the last row." : "A log differs from the paper's."} Yahoo's log is not
public any more: in its place stands a log that \`prorec synth\` generates with as many clicks a user (25), a 390th of the
users and a tenth of known noise. It is denser (sparsity .995), so its levels can't be compared with the paper's.
`;
}
