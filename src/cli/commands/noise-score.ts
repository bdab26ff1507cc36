import type { Command } from "commander";
import type { Detection } from "../../evaluate/detection.ts";
import { type NoiseScore, scoreNoise, truthFlags } from "../../evaluate/noise-score.ts";
import { type Log, readLog } from "../../io/log.ts";
import { decimals, markdownTable, percent } from "../../report/table.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues, ComputingOptionValues {
  readonly truth: string;
}

export function registerNoiseScore(group: Command, session: Session): void {
  const command = group
    .command("score")
    .description("Says how well a denoised log's flags and matches find the noise that is known.")
    .requiredOption("--truth <file>", "the pairs that are noise, as noise inject and synth write them");
  withLogOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec noise score --truth truth.csv denoised.csv").action(
    async (paths: string[], values: Values) => {
      const denoised = await withLog(paths, values, session, (log) => readLabelled(log, session));
      const truth = await withLog([values.truth], {}, session, (log) => readLog(log, session));
      const { interactions, match, flags } = denoised;
      const known = { interactions, match, flags, truth: truthFlags(interactions, truth.interactions) };
      const score = await scoreNoise(known, { seed: values.seed, ...computingFrom(values), ...session });
      if (session.json) await session.printJson(score);
      else await session.print(scoreText(score));
    },
  );
}

async function readLabelled(log: Log, session: Session) {
  const { interactions, report, numbers } = await readLog(log, { ...session, numbers: ["match", "noise"] });
  session.note(reportLine(log.source.name, report));
  const [match, noise] = numbers as [Float32Array, Float32Array];
  return { interactions, match, flags: Uint8Array.from(noise, (flag) => (flag > 0 ? 1 : 0)) };
}

function scoreText({ controls, ...ours }: NoiseScore): string {
  const row = (name: string, found: Detection) => [
    name,
    decimals(found.rocAuc, 3),
    decimals(found.averagePrecision, 3),
    ...[found.flaggedShare, found.hitRatio, found.precision, found.falseDiscoveryRate].map(percent),
  ];
  const table = markdownTable(
    ["suspicion", "ROC-AUC", "average precision", "flagged", "hit ratio", "precision", "false discovery"],
    [
      row("ProRec's match", ours),
      row("item's popularity", controls.popularity),
      row("raw SVD score", controls.rawScore),
    ],
  );
  return `${table}
ROC-AUC, average precision: of the ranking by suspicion; by chance they are .5 and the share of noise.
hit ratio: share of the noise that is flagged. It says nothing without the share of all rows that is flagged.
precision, false discovery: share of the flagged rows that is noise, that is none.
popularity and raw score flag as many rows as ProRec: the least popular items, the lowest scores of an SVD of rank 10.
`;
}
