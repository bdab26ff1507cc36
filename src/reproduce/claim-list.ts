import { holm } from "../evaluate/significance.ts";
import type { ModelName } from "../models/models.ts";
import { decimals, percent, pValue, relativeGain } from "../report/table.ts";
import type { Found } from "./cell.ts";
import type { Finding } from "./claims.ts";
import { type ComplexityCell, complexityCell, exponentOf } from "./complexity.ts";
import { figure1Cell } from "./figure-1.ts";
import { NOISE_CELLS, type NoiseCell, noiseAt } from "./figure-2-noise.ts";
import {
  bestOf,
  HYPERPARAMETERS,
  SENSITIVITY_LOGS,
  sensitivityOf,
  spreadOf,
} from "./figure-2-sensitivity.ts";
import { figure3Cell } from "./figure-3.ts";
import { LOG_TITLES, type LogName } from "./logs.ts";
import { median } from "./measure.ts";
import { PROPOSITION_2_CELLS, type Proposition2Cell, stepsOf } from "./proposition-2.ts";
import type { TargetName } from "./reproduce.ts";
import { TABLE_2_LOGS, TABLE_2_METRIC, TABLE_2_MODELS, table2Cell } from "./table-2.ts";
import { multiples, type Table3Cell, table3Cell } from "./table-3.ts";

interface Claim {
  readonly claim: string;
  /** Its place in the paper. */
  readonly where: string;
  readonly target: TargetName;
  readonly finding: (found: Found) => Finding | undefined;
}

const LEVEL = 0.05;

export const CLAIMS: readonly Claim[] = [
  {
    claim: "Every base is better with ProRec than without, on every log",
    where: "Table II",
    target: "table-2",
    finding: (found) => everyBase(found, "base"),
  },
  {
    claim: "… because noise is told from signal",
    where: "title, IV.C",
    target: "table-2",
    finding: (found) => everyBase(found, "controls"),
  },
  {
    claim: "NCE + ProRec is best on AMusic, 4.33% to 7.70% above all baselines",
    where: "IV.C",
    target: "table-2",
    finding: (found) => bestOn(found, "amusic", "nce-plrec"),
  },
  {
    claim: "NCE + ProRec is best on AToy, 1.90% to 4.20% above",
    where: "IV.C",
    target: "table-2",
    finding: (found) => bestOn(found, "atoy", "nce-plrec"),
  },
  {
    claim: "VAE-CF + ProRec is best on Yahoo, 3.27% to 4.61% above",
    where: "IV.C; ours: the generated log",
    target: "table-2",
    finding: (found) => bestOn(found, "yahoo-shaped", "vae-cf"),
  },
  {
    claim: "ProRec gains more on CDAE than T-CE and R-CE do",
    where: "Table II",
    target: "table-2",
    finding: overRivals,
  },
  {
    claim: "Denser logs gain less than sparse ones",
    where: "IV.C",
    target: "table-2",
    finding: denserLess,
  },
  {
    claim: "About 90% of the noise is found at every level of noise",
    where: "Figure 2a",
    target: "figure-2",
    finding: hitRatio,
  },
  {
    claim: "NCE + ProRec always has a higher recall than NCE on noisy data; at 20%, .1596 to .1579",
    where: "Figure 2a",
    target: "figure-2",
    finding: noisyRecall,
  },
  {
    claim: "NCE + EMD is worse than NCE",
    where: "Table III",
    target: "table-3",
    finding: (found) => overNce(found, "emd", "below"),
  },
  {
    claim: "NCE + Sinkhorn is significantly better than NCE",
    where: "Table III",
    target: "table-3",
    finding: (found) => overNce(found, "sinkhorn", "above"),
  },
  {
    claim: "The relaxed transport (ROT) takes about half of Sinkhorn's time at almost the same quality",
    where: "Table III",
    target: "table-3",
    finding: halfOfSinkhorn,
  },
  {
    claim: "ProRec's time is within the scale of NCE's: 1.28 times on AMusic, 1.92 on Yahoo",
    where: "Table III",
    target: "table-3",
    finding: timeOverNce,
  },
  {
    claim: "The personal threshold is better than a global one (.0298 to .0281 R@5)",
    where: "Table III",
    target: "table-3",
    finding: personalOverGlobal,
  },
  {
    claim: "beta and zeta have little effect; lambda .5 and gamma .1 are best on AMusic",
    where: "Figure 2b-c, IV.D",
    target: "figure-2",
    finding: sensitivities,
  },
  {
    claim: "Users with wide tastes get a larger kappa",
    where: "Figure 1",
    target: "figure-1",
    finding: kappaByDiversity,
  },
  {
    claim: "The user's odd film is weighed down and films of the user's taste rise into the first 6",
    where: "Figure 3",
    target: "figure-3",
    finding: caseStudy,
  },
  {
    claim: "The closed form takes O(max(M, N)²)",
    where: "III.C",
    target: "claims",
    finding: complexity,
  },
  {
    claim: "Algorithm 1 lowers the matching cost monotonically (Proposition 2, by Eq. 24 and 25)",
    where: "III.C",
    target: "claims",
    finding: monotone,
  },
];

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

function everyBase(found: Found, what: "base" | "controls"): Finding | undefined {
  const tests = prorecTests(found);
  if (tests.length === 0) return undefined;
  const better = tests.filter(({ gain, p }) => gain > 0 && p < LEVEL);
  const worse = tests.filter(({ gain, p }) => gain < 0 && p < LEVEL);
  const of = `of ${tests.length} bases and logs computed so far`;
  if (what === "base") {
    const words = tests.map(
      ({ cell, gain, p }) =>
        `${cell.model} on ${LOG_TITLES[cell.log].split(" ")[0]} ${relativeGain(gain, 1)} (${pValue(p)})`,
    );
    return {
      measured: `N@5, ${of}: ${better.length} better, ${worse.length} worse, ${tests.length - better.length - worse.length} neither: ${words.join(", ")}`,
      verdict: better.length === tests.length ? "holds" : "does not hold",
    };
  }
  const gains = tests.filter(({ cell }) =>
    cell.verdicts.some(({ metric, verdict }) => metric === TABLE_2_METRIC && verdict === "gain"),
  );
  return {
    measured: `${of}, ${gains.length} gain more than every control (weights dealt out at random within each user, everyone's mean weight, users balanced)`,
    verdict:
      gains.length === 0
        ? "does not hold"
        : gains.length === tests.length
          ? "holds"
          : `holds for ${gains.length}`,
  };
}

function bestOn(found: Found, log: LogName, winner: ModelName): Finding | undefined {
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

function overRivals(found: Found): Finding | undefined {
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
      `${LOG_TITLES[gain.log].split(" ")[0]}: ProRec ${relativeGain(gain.prorec, 1)}, T-CE ${relativeGain(gain["t-ce"], 1)}, R-CE ${relativeGain(gain["r-ce"], 1)}`,
  );
  return {
    measured: words.join("; "),
    verdict:
      holds === gains.length
        ? "holds"
        : holds === 0
          ? "does not hold"
          : `holds on ${holds} of ${gains.length}`,
  };
}

function denserLess(found: Found): Finding | undefined {
  const gainOn = (log: LogName) => {
    const own = prorecTests(found).filter(({ cell }) => cell.log === log);
    return own.length === 0 ? undefined : { count: own.length, gain: median(own.map(({ gain }) => gain)) };
  };
  const [dense, sparse] = [gainOn("ml-100k"), gainOn("amusic")];
  if (!dense || !sparse) return undefined;
  return {
    measured: `median change of N@5: ML-100k ${relativeGain(dense.gain, 1)} (${dense.count} bases), AMusic ${relativeGain(sparse.gain, 1)} (${sparse.count} bases)`,
    verdict: sparse.gain <= 0 ? "no gain on either" : dense.gain < sparse.gain ? "holds" : "does not hold",
  };
}

function noisy(found: Found): NoiseCell[] {
  return NOISE_CELLS.map(({ name }) => found<NoiseCell>(name)).filter(
    (each) => each !== undefined && each.rate > 0,
  ) as NoiseCell[];
}

function range(values: readonly number[], shown: (value: number) => string): string {
  return `${shown(Math.min(...values))} to ${shown(Math.max(...values))}`;
}

function hitRatio(found: Found): Finding | undefined {
  const cells = noisy(found);
  if (cells.length === 0) return undefined;
  const of = (figure: "hitRatio" | "flaggedShare" | "precision" | "rocAuc") =>
    cells.map(({ detection }) => detection.prorec[figure]!.mean);
  const lifts = cells.map(({ detection, rate, reading }) => {
    const share = reading === "replaced" ? rate : rate / (1 + rate);
    return detection.prorec.precision!.mean / share;
  });
  return {
    measured: `hit ratio ${range(of("hitRatio"), percent)}, but ${range(of("flaggedShare"), percent)} of all clicks are flagged; precision is ${range(lifts, (lift) => lift.toFixed(2))} times the share of noise; ROC-AUC ${range(of("rocAuc"), (value) => decimals(value, 3))}`,
    verdict: "holds, and says nothing",
  };
}

function noisyRecall(found: Found): Finding | undefined {
  const cells = noisy(found);
  if (cells.length === 0) return undefined;
  const change = (cell: NoiseCell, arm: string) =>
    cell.tests.find((test) => test.arm === arm && test.against === "base")!;
  const better = cells.filter(
    (cell) => change(cell, "prorec").difference > 0 && change(cell, "prorec").tP! < LEVEL,
  );
  const relative = (arm: string) =>
    cells.map((cell) => change(cell, arm).difference / cell.summary.base!["paper.recall@5"]!.mean);
  const most = noiseAt(found, "replaced", 0.2) ?? noiseAt(found, "added", 0.2);
  const levels = most
    ? `; ${most.reading} 20%: ${decimals(most.summary.base!["paper.recall@5"]!.mean)} to ${decimals(most.summary.prorec!["paper.recall@5"]!.mean)}, oracle ${decimals(most.summary.oracle!["paper.recall@5"]!.mean)}`
    : "";
  return {
    measured: `better in ${better.length} of ${cells.length} (readings and rates); change ${range(relative("prorec"), (value) => relativeGain(value, 1))}, removing exactly the noise ${range(relative("oracle"), (value) => relativeGain(value, 1))}${levels}`,
    verdict: better.length === cells.length ? "holds" : "does not hold",
  };
}

const TABLE_3_LOGS: readonly LogName[] = ["amusic", "yahoo-shaped", "ml-100k"];

function onLogs<Value>(value: (log: LogName) => Value | undefined): { log: string; value: Value }[] {
  return TABLE_3_LOGS.flatMap((log) => {
    const own = value(log);
    return own === undefined ? [] : [{ log: LOG_TITLES[log].split(",")[0]!.split(" ")[0]!, value: own }];
  });
}

function changeOf(cell: Table3Cell, against: string) {
  const { difference, tP } = cell.tests.find(
    (test) => test.arm === "prorec" && test.against === against && test.metric === TABLE_2_METRIC,
  )!;
  return { gain: difference / cell.summary.base![TABLE_2_METRIC]!.mean, p: tP };
}

function overNce(found: Found, arm: "emd" | "sinkhorn", side: "below" | "above"): Finding | undefined {
  const own = onLogs((log) => {
    const cell = table3Cell(found, log, arm);
    return cell && { ...changeOf(cell, "base"), even: changeOf(cell, "uniform") };
  });
  if (own.length === 0) return undefined;
  const holds = own.filter(
    ({ value: { gain, p } }) => p !== null && p < LEVEL && (side === "above" ? gain > 0 : gain < 0),
  );
  return {
    measured: own
      .map(
        ({ log, value: { gain, p, even } }) =>
          `${log} ${relativeGain(gain, 1)} (${pValue(p)}), against everyone's mean weight ${relativeGain(even.gain, 1)} (${pValue(even.p)})`,
      )
      .join("; "),
    verdict:
      holds.length === own.length
        ? "holds"
        : holds.length === 0
          ? "does not hold"
          : `holds on ${holds.length} of ${own.length}`,
  };
}

function halfOfSinkhorn(found: Found): Finding | undefined {
  const own = onLogs((log) => {
    const [rot, sinkhorn] = [table3Cell(found, log, "rot"), table3Cell(found, log, "sinkhorn")];
    if (!rot || !sinkhorn) return undefined;
    const level = (cell: Table3Cell) => cell.summary.prorec![TABLE_2_METRIC]!.mean;
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

function timeOverNce(found: Found): Finding | undefined {
  const own = onLogs((log) => {
    const cell = table3Cell(found, log, "prorec");
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
    verdict: largest < 4 ? "holds: at least two fits, so about 2" : "does not hold",
  };
}

function personalOverGlobal(found: Found): Finding | undefined {
  const own = onLogs((log) => {
    const [prorec, rot] = [table3Cell(found, log, "prorec"), table3Cell(found, log, "rot")];
    if (!prorec || !rot) return undefined;
    const level = (cell: Table3Cell) => cell.summary.prorec!["paper.recall@5"]!.mean;
    return { prorec: level(prorec), rot: level(rot) };
  });
  if (own.length === 0) return undefined;
  const holds = own.filter(({ value }) => value.prorec > value.rot).length;
  return {
    measured: `R@5: ${own.map(({ log, value }) => `${log} ${decimals(value.prorec)} personal, ${decimals(value.rot)} global`).join("; ")}`,
    verdict:
      holds === own.length ? "holds" : holds === 0 ? "does not hold" : `holds on ${holds} of ${own.length}`,
  };
}

function sensitivities(found: Found): Finding | undefined {
  const own = SENSITIVITY_LOGS.flatMap((log) =>
    HYPERPARAMETERS.flatMap((varied) => sensitivityOf(found, log, varied) ?? []),
  );
  if (own.length === 0) return undefined;
  const words = own.map(
    (cell) =>
      `${LOG_TITLES[cell.log].split(" ")[0]}: ${cell.varied} moves N@5 by ${percent(spreadOf(cell))}, best ${bestOf(cell)}`,
  );
  return { measured: words.join("; "), verdict: "see Figure 2" };
}

function kappaByDiversity(found: Found): Finding | undefined {
  const own = (["ml-100k", "amusic"] as const).flatMap((log) => figure1Cell(found, log) ?? []);
  if (own.length === 0) return undefined;
  const words = own.map(({ log, correlations }) => {
    const of = (what: string) => decimals(correlations[what]!.mean, 2);
    return `${LOG_TITLES[log].split(" ")[0]}: rank correlation of kappa with the diversity of a user's items ${of("item diversity")}, with the number of clicks held fixed ${of("item diversity, clicks held fixed")}; with the clicks ${of("clicks")}`;
  });
  const grows = own.filter(
    ({ correlations }) => correlations["item diversity, clicks held fixed"]!.mean > 0.1,
  ).length;
  return {
    measured: words.join("; "),
    verdict:
      grows === own.length ? "holds" : grows === 0 ? "does not hold" : `holds on ${grows} of ${own.length}`,
  };
}

function caseStudy(found: Found): Finding | undefined {
  const cell = figure3Cell(found);
  if (cell === undefined) return undefined;
  const { films, before, after, changed } = cell;
  const fates = films.map(
    ({ title, weight, kept }) => `${title} ${decimals(weight, 2)}${kept ? "" : ", flagged"}`,
  );
  const ids = new Set(before.map(({ item }) => item));
  const fresh = after
    .filter(({ item }) => !ids.has(item))
    .map(({ title, genres }) => `${title} [${genres.join(", ")}]`);
  return {
    measured: `of the paper's films only Titanic is in ML-100k. By our rule's user: new weights ${fates.join("; ")}; new among the first 6: ${fresh.join("; ") || "none"}. Over all users ${decimals(changed.mean, 2)} of 6 change`,
    verdict: "can't be repeated; one case proves nothing",
  };
}

function complexity(found: Found): Finding | undefined {
  const cell = found<ComplexityCell>(complexityCell.name);
  if (cell === undefined) return undefined;
  const exponent = exponentOf(cell);
  return {
    measured: `time grows as n to the ${exponent.toFixed(2)} for ${cell.times.map(({ n }) => n).join(", ")} users and items at a fixed rank: O(M N d). Near and far sums make it less where scores are small ([method.md](method.md))`,
    verdict: exponent < 2.2 ? "holds" : "does not hold",
  };
}

function monotone(found: Found): Finding | undefined {
  const cells = PROPOSITION_2_CELLS.map(({ name }) => found<Proposition2Cell>(name)).filter(
    (each) => each !== undefined,
  );
  if (cells.length === 0) return undefined;
  const { fits, fitsUp, relabels, relabelsUp, costs, costsUp } = stepsOf(cells);
  return {
    measured: `PureSVD, NCE-PLRec and WRMF, five rounds on ${cells.map(({ log }) => LOG_TITLES[log].split(" ")[0]).join(" and ")}: Eq. 26 rose in ${relabelsUp} of ${relabels} relabellings (Eq. 25) and in ${fitsUp} of ${fits} fits (Eq. 24), the transport's cost in ${costsUp} of ${costs} rounds. Eq. 25 is false in general: x = 1, score .9, new weight .75 give .0225 > .01`,
    verdict: relabelsUp + fitsUp + costsUp === 0 ? "held here, but is no theorem" : "does not hold",
  };
}
