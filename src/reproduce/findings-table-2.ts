import { holm } from "../evaluate/significance.ts";
import type { ModelName } from "../models/models.ts";
import { decimals, pValue, relativeGain } from "../report/table.ts";
import type { Found } from "./cell.ts";
import { type Finding, SIGNIFICANT, someHold } from "./finding.ts";
import { type LogName, shortTitle } from "./logs.ts";
import { median } from "./measure.ts";
import { TABLE_2_LOGS, TABLE_2_METRIC, TABLE_2_MODELS, table2Cell } from "./table-2.ts";

/** Table II's cells of the paper's bases, with p of ProRec corrected over them. */
function prorecTests(found: Found) {
  const cells = TABLE_2_LOGS.flatMap((log) =>
    TABLE_2_MODELS.map((model) => table2Cell(found, log, model)),
  ).filter((each) => each !== undefined);
  const tests = cells.map((cell) => {
    const of = (against: string) =>
      cell.tests.find(
        (each) => each.arm === "prorec" && each.against === against && each.metric === TABLE_2_METRIC,
      )!;
    const gain = of("base").difference / cell.summary.base![TABLE_2_METRIC]!.mean;
    return { cell, gain, p: of("base").tP };
  });
  const corrected = holm(tests.map(({ p }) => p));
  return tests.map((each, index) => ({ ...each, p: corrected[index]! }));
}

export function everyBase(found: Found): Finding | undefined {
  const tests = prorecTests(found);
  if (tests.length === 0) return undefined;
  const better = tests.filter(({ gain, p }) => gain > 0 && p < SIGNIFICANT).length;
  const worse = tests.filter(({ gain, p }) => gain < 0 && p < SIGNIFICANT).length;
  const words = tests.map(
    ({ cell, gain, p }) => `${cell.model} on ${shortTitle(cell.log)} ${relativeGain(gain, 1)} (${pValue(p)})`,
  );
  return {
    measured: `N@5 ${ofComputed(tests)}: ${better} better, ${worse} worse, ${tests.length - better - worse} neither: ${words.join(", ")}`,
    verdict: someHold(better, tests.length),
  };
}

export function overControls(found: Found): Finding | undefined {
  const tests = prorecTests(found);
  if (tests.length === 0) return undefined;
  const gains = tests.filter(({ cell }) =>
    cell.verdicts.some(({ metric, verdict }) => metric === TABLE_2_METRIC && verdict === "gain"),
  ).length;
  return {
    measured: `${ofComputed(tests)}, ${gains} gain more than every control (weights dealt out at random within each user, everyone's mean weight, users balanced)`,
    verdict: someHold(gains, tests.length),
  };
}

function ofComputed({ length }: { readonly length: number }): string {
  return `of ${length} pairs of base and log computed so far`;
}

export function bestOn(found: Found, log: LogName, winner: ModelName): Finding | undefined {
  const cells = TABLE_2_MODELS.map((model) => table2Cell(found, log, model));
  const complete = cells.filter((each) => each !== undefined);
  if (complete.length < TABLE_2_MODELS.length) return undefined;
  const level = (cell: (typeof complete)[number], arm: string) => cell.summary[arm]![TABLE_2_METRIC]!.mean;
  const best = complete
    .flatMap((cell) =>
      Object.keys({ base: 0, prorec: 0 }).map((arm) => ({ name: cell.model, arm, value: level(cell, arm) })),
    )
    .reduce((left, right) => (right.value > left.value ? right : left));
  const bases = Math.max(...complete.map((cell) => level(cell, "base")));
  const own = level(complete.find(({ model }) => model === winner)!, "prorec");
  return {
    measured: `N@5 of ${winner} + ProRec ${decimals(own)}, ${relativeGain(own - bases, bases)} over the best base; best of all: ${best.name}${best.arm === "prorec" ? " + ProRec" : ""} ${decimals(best.value)}`,
    verdict: best.name === winner && best.arm === "prorec" ? "holds" : "does not hold",
  };
}

export function overRivals(found: Found): Finding | undefined {
  const cells = TABLE_2_LOGS.map((log) => table2Cell(found, log, "cdae")).filter(
    (each) => each !== undefined,
  );
  if (cells.length === 0) return undefined;
  const gains = cells.map(({ log, summary, tests }) => {
    const of = (arm: string) =>
      tests.find((test) => test.arm === arm && test.against === "base" && test.metric === TABLE_2_METRIC)!
        .difference / summary.base![TABLE_2_METRIC]!.mean;
    return { log, prorec: of("prorec"), "t-ce": of("t-ce"), "r-ce": of("r-ce") };
  });
  const holds = gains.filter((gain) => gain.prorec > gain["t-ce"] && gain.prorec > gain["r-ce"]).length;
  const words = gains.map(
    (gain) =>
      `${shortTitle(gain.log)}: ProRec ${relativeGain(gain.prorec, 1)}, T-CE ${relativeGain(gain["t-ce"], 1)}, R-CE ${relativeGain(gain["r-ce"], 1)}`,
  );
  return {
    measured: words.join("; "),
    verdict: someHold(holds, gains.length),
  };
}

export function denserLess(found: Found): Finding | undefined {
  const gainOn = (log: LogName) => {
    const own = prorecTests(found).filter(({ cell }) => cell.log === log);
    return own.length === 0 ? undefined : { count: own.length, gain: median(own.map(({ gain }) => gain)) };
  };
  const [dense, sparse] = [gainOn("ml-100k"), gainOn("amusic")];
  if (!dense || !sparse) return undefined;
  return {
    measured: `median change of N@5: ML-100k ${relativeGain(dense.gain, 1)} (bases: ${dense.count}), AMusic ${relativeGain(sparse.gain, 1)} (bases: ${sparse.count})`,
    verdict: dense.gain < sparse.gain ? (sparse.gain > 0 ? "holds" : "no gain on either") : "does not hold",
  };
}
