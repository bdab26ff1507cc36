import { decimals, pValue, relativeGain } from "../report/table.ts";
import type { Found } from "./cell.ts";
import { type Finding, SIGNIFICANT, someHold } from "./finding.ts";
import { type LogName, shortTitle } from "./logs.ts";
import { type Arm, multiples, type Table3Cell, table3Cells } from "./table-3.ts";

const METRIC = "paper.ndcg@5";
const TABLE_3_LOGS: readonly LogName[] = ["amusic", "yahoo-shaped", "ml-100k"];

function cellOf(found: Found, log: LogName, arm: Arm): Table3Cell | undefined {
  return table3Cells(found).find((each) => each.log === log && each.arm === arm);
}

function onLogs<Value>(value: (log: LogName) => Value | undefined): { log: string; value: Value }[] {
  return TABLE_3_LOGS.flatMap((log) => {
    const own = value(log);
    return own === undefined ? [] : [{ log: shortTitle(log), value: own }];
  });
}

function changeOf(cell: Table3Cell, against: string) {
  const { difference, tP } = cell.tests.find((test) => test.arm === "prorec" && test.against === against)!;
  return { gain: difference / cell.summary.base![METRIC]!.mean, p: tP };
}

export function overNce(found: Found, arm: "emd" | "sinkhorn", side: "below" | "above"): Finding | undefined {
  const own = onLogs((log) => {
    const cell = cellOf(found, log, arm);
    return cell && { ...changeOf(cell, "base"), even: changeOf(cell, "uniform") };
  });
  if (own.length === 0) return undefined;
  const holds = own.filter(
    ({ value: { gain, p } }) => p !== null && p < SIGNIFICANT && (side === "above" ? gain > 0 : gain < 0),
  );
  return {
    measured: own
      .map(
        ({ log, value: { gain, p, even } }) =>
          `${log} ${relativeGain(gain, 1)} (${pValue(p)}), against everyone's mean weight ${relativeGain(even.gain, 1)} (${pValue(even.p)})`,
      )
      .join("; "),
    verdict: someHold(holds.length, own.length),
  };
}

export function halfOfSinkhorn(found: Found): Finding | undefined {
  const own = onLogs((log) => {
    const [rot, sinkhorn] = [cellOf(found, log, "rot"), cellOf(found, log, "sinkhorn")];
    if (!rot || !sinkhorn) return undefined;
    const level = (cell: Table3Cell) => cell.summary.prorec![METRIC]!.mean;
    return {
      transport: multiples(rot).transport / multiples(sinkhorn).transport,
      all: multiples(rot).all / multiples(sinkhorn).all,
      quality: level(rot) / level(sinkhorn) - 1,
    };
  });
  if (own.length === 0) return undefined;
  const holds = own.every(({ value: { transport } }) => transport < 0.6);
  return {
    measured: own
      .map(
        ({ log, value }) =>
          `${log}: ${value.transport.toFixed(2)} of Sinkhorn's transport, ${value.all.toFixed(2)} of its whole run, N@5 ${relativeGain(value.quality, 1)}`,
      )
      .join("; "),
    verdict: holds ? "holds" : "does not hold",
  };
}

export function timeOverNce(found: Found): Finding | undefined {
  const own = onLogs((log) => {
    const cell = cellOf(found, log, "prorec");
    return cell && multiples(cell);
  });
  if (own.length === 0) return undefined;
  const largest = Math.max(...own.map(({ value }) => value.all));
  return {
    measured: own
      .map(
        ({ log, value }) =>
          `${log}: transport ${value.transport.toFixed(2)} of a fit; fit, transport and second fit ${value.all.toFixed(2)}`,
      )
      .join("; "),
    verdict: largest < 4 ? "the same scale, but two fits are never 1.28" : "does not hold",
  };
}

export function personalOverGlobal(found: Found): Finding | undefined {
  const own = onLogs((log) => {
    const [prorec, rot] = [cellOf(found, log, "prorec"), cellOf(found, log, "rot")];
    if (!prorec || !rot) return undefined;
    const level = (cell: Table3Cell) => cell.summary.prorec!["paper.recall@5"]!.mean;
    return { prorec: level(prorec), rot: level(rot) };
  });
  if (own.length === 0) return undefined;
  const holds = own.filter(({ value }) => value.prorec > value.rot).length;
  return {
    measured: `R@5: ${own.map(({ log, value }) => `${log} ${decimals(value.prorec)} personal, ${decimals(value.rot)} global`).join("; ")}`,
    verdict: someHold(holds, own.length),
  };
}
