import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../io/atomic.ts";
import type { RunOptions } from "../progress.ts";
import type { Cell, Found, Target, Workbench } from "./cell.ts";
import { claims } from "./claims.ts";
import { figure1 } from "./figure-1.ts";
import { figure2 } from "./figure-2.ts";
import { figure3 } from "./figure-3.ts";
import { assertLogs, type LogName, paperLog } from "./logs.ts";
import { foundIn, runCells } from "./run-cells.ts";
import { table1 } from "./table-1.ts";
import { table2 } from "./table-2.ts";
import { table3 } from "./table-3.ts";

/** Cheap ones first. */
export const TARGETS = {
  "table-1": table1,
  "figure-1": figure1,
  "figure-2": figure2,
  "figure-3": figure3,
  "table-3": table3,
  "table-2": table2,
  claims,
} as const satisfies Record<string, Target>;

export type TargetName = keyof typeof TARGETS;

/** The order of the page. */
const SECTIONS: readonly TargetName[] = ["table-1", "table-2", "table-3", "figure-1", "figure-2", "figure-3"];

export interface ReproduceOptions extends RunOptions, Pick<Workbench, "threads" | "engine"> {
  /** The folder that holds the logs: amusic/ratings.tsv, atoy/ratings.tsv, ml-100k/u.data. */
  readonly data: string;
  /** The folder of the pages, figures as JSON and pictures. */
  readonly output: string;
  /** The folder of the cells. */
  readonly cells: string;
  readonly seeds: readonly number[];
  readonly quick: boolean;
  readonly onCell: (name: string, cpuSeconds: number) => void;
}

/**
 * Computes the cells of some tables and figures of the paper that have no file yet, and writes all of the page anew from
 * whatever cells there are.
 * @returns what was asked for, as Markdown and as JSON
 * @throws ProRecError UNREADABLE_FILE naming the logs that are missing; INPUT_CHANGED for cells of other seeds; ABORTED
 */
export async function reproduce(
  names: readonly TargetName[],
  options: ReproduceOptions,
): Promise<{ markdown: string; data: Record<string, unknown> }> {
  const { quick, data, cells: folder, output } = options;
  const wanted = names.flatMap((name) => [...TARGETS[name].cells(quick)]);
  assertLogs(
    data,
    wanted.flatMap(({ logs }) => logs),
  );
  const logs = new Map<LogName, ReturnType<typeof paperLog>>();
  const log = (name: LogName) => {
    if (!logs.has(name)) logs.set(name, paperLog(data, name, options));
    return logs.get(name)!;
  };
  await runCells(wanted, folder, { ...options, log }, options.onCell);
  return writePages(names, folder, output, quick);
}

async function writePages(
  names: readonly TargetName[],
  folder: string,
  output: string,
  quick: boolean,
): Promise<{ markdown: string; data: Record<string, unknown> }> {
  const found = foundIn(folder);
  const beside = join(output, "reproduction");
  await mkdir(beside, { recursive: true });
  const sections: string[] = [];
  const asked = { markdown: "", data: {} as Record<string, unknown> };
  for (const name of [...SECTIONS, "claims"] as const) {
    const target: Target = TARGETS[name];
    const { markdown, data, pictures } = await target.render(found, quick);
    const section = `## ${target.title}\n\n${markdown}\n${provenance(target.cells(quick), found)}`;
    if (name === "claims")
      await writeFileAtomically(join(output, "claims.md"), `# ${target.title}\n\n${markdown}`);
    else sections.push(section);
    await writeFileAtomically(join(beside, `${name}.json`), `${JSON.stringify(data, null, 1)}\n`);
    for (const [file, svg] of Object.entries(pictures)) await writeFileAtomically(join(beside, file), svg);
    if (!names.includes(name)) continue;
    asked.markdown += `${section}\n`;
    asked.data[name] = data;
  }
  await writeFileAtomically(join(output, "reproduction.md"), [introduction(quick), ...sections].join("\n"));
  return asked;
}

/** Where a section's figures come from, and which are still missing. */
function provenance(cells: readonly Cell[], found: Found): string {
  const stored = cells.map(({ name }) => ({ name, cell: found(name) }));
  const done = stored.flatMap(({ cell }) => cell ?? []);
  const missing = stored.filter(({ cell }) => cell === undefined).map(({ name }) => name.split("/")[1]!);
  const distinct = (values: readonly string[]) => [...new Set(values)].join("; ");
  const machines = done.map(
    ({ machine: { cpu, cores, node, engine } }) =>
      `${cpu}, ${cores} cores, Node ${node}${engine ? `, ${engine}` : ""}`,
  );
  const seeds = done.flatMap(({ seeds }) => (seeds ? [seeds.join(" ")] : []));
  const minutes = done.reduce((sum, { seconds }) => sum + seconds.cpu, 0) / 60;
  const parts = [
    `Cells: ${done.length} of ${cells.length}, ${minutes.toFixed(1)} CPU minutes.`,
    ...(seeds.length > 0 ? [`Seeds: ${distinct(seeds)}.`] : []),
    ...(machines.length > 0 ? [`Machine: ${distinct(machines)}.`] : []),
    ...(missing.length > 0 ? [`Still to be computed: ${missing.join(", ")}.`] : []),
  ];
  return `*${parts.join(" ")}*\n`;
}

function introduction(quick: boolean): string {
  return `# The paper's tables and figures, measured

"Partial Relaxed Optimal Transport for Denoised Recommendation": each of its figures beside ours, from the raw logs, by
\`prorec reproduce ${quick ? "all --quick" : "all"}\`. Every cell is a job of its own whose file holds all its figures, settings, time and machine;
a cell that has a file is not computed again. What the paper claims, and whether it holds: [claims.md](claims.md).
${quick ? "\n**Quick: one seed, fewer cells. Good enough to see that it runs, not to conclude from.**\n" : ""}`;
}
