import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { ModelName } from "../models/models.ts";
import type { LogName } from "./logs.ts";
import { TUNED } from "./tuned.ts";

const folder = new URL("../../experiments/results/recommenders/", import.meta.url);
const cells: { log: LogName; model: ModelName; parameters: object }[] = readdirSync(folder).map((name) =>
  JSON.parse(readFileSync(new URL(name, folder), "utf8")),
);
const searched = cells.filter(({ log, model }) => TUNED[log][model] !== undefined);

it.each(searched)("$model on $log starts from what Table II's committed cell found", (cell) => {
  expect(cell.parameters).toMatchObject(TUNED[cell.log][cell.model]!);
});

it("has the bases that everything but Table II stands on", () => {
  for (const log of ["ml-100k", "amusic"] as const) {
    expect(searched).toContainEqual(expect.objectContaining({ log, model: "nce-plrec" }));
  }
});
