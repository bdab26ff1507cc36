import type { Objective } from "../denoise/outcome.ts";
import { denoise } from "../denoise/prorec.ts";
import { createModel, type ModelName } from "../models/models.ts";
import type { Cell, Workbench } from "./cell.ts";
import type { LogName } from "./logs.ts";
import { TUNED } from "./tuned.ts";

/** Algorithm 1's course over five rounds, model by model, first seed. */
export interface Proposition2Cell {
  readonly log: LogName;
  readonly courses: Readonly<Record<string, readonly Objective[]>>;
}

const ROUNDS = 5;
const LOGS: readonly LogName[] = ["ml-100k", "amusic"];
const MODELS: readonly ModelName[] = ["svd", "nce-plrec", "wrmf"];

export const PROPOSITION_2_CELLS: readonly Cell[] = LOGS.map((log) => ({
  name: `claims/proposition-2-${log}`,
  logs: [log],
  compute: (bench) => measured(log, bench),
}));

async function measured(name: LogName, bench: Workbench): Promise<Proposition2Cell> {
  const log = await bench.log(name);
  const { threads, engine, signal } = bench;
  const courses: Record<string, readonly Objective[]> = {};
  for (const model of MODELS) {
    const created = createModel(model, { ...TUNED[name][model], seed: bench.seeds[0]! });
    const { objective } = await denoise(log, {
      ...{ threads, engine, signal },
      model: created,
      iterations: ROUNDS,
    });
    courses[model] = objective;
  }
  return { log: name, courses };
}

/** Steps of each kind, and how many went up although the proposition says that none does. */
export function stepsOf(cells: readonly Proposition2Cell[]) {
  const count = { fits: 0, fitsUp: 0, relabels: 0, relabelsUp: 0, costs: 0, costsUp: 0 };
  for (const course of cells.flatMap(({ courses }) => Object.values(courses))) {
    for (const [round, { afterFit, afterRelabel, transportCost }] of course.entries()) {
      count.relabels++;
      if (afterRelabel > afterFit) count.relabelsUp++;
      const before = course[round - 1];
      if (before === undefined) continue;
      count.fits++;
      count.costs++;
      if (afterFit > before.afterRelabel) count.fitsUp++;
      if (transportCost > before.transportCost) count.costsUp++;
    }
  }
  return count;
}
