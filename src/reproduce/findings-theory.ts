import type { Found } from "./cell.ts";
import { type ComplexityCell, complexityCell, exponentOf } from "./complexity.ts";
import type { Finding } from "./finding.ts";
import { shortTitle } from "./logs.ts";
import { PROPOSITION_2_CELLS, type Proposition2Cell, stepsOf } from "./proposition-2.ts";

export function complexity(found: Found): Finding | undefined {
  const cell = found<ComplexityCell>(complexityCell.name);
  if (cell === undefined) return undefined;
  const exponent = exponentOf(cell);
  return {
    measured: `time grows as n to the ${exponent.toFixed(2)} for ${cell.times.map(({ n }) => n).join(", ")} users and items at a fixed rank: O(M N d). Near and far sums make it less where scores are small ([method.md](method.md))`,
    verdict: exponent < 2.2 ? "holds" : "does not hold",
  };
}

export function monotone(found: Found): Finding | undefined {
  const cells = PROPOSITION_2_CELLS.map(({ name }) => found<Proposition2Cell>(name)).filter(
    (each) => each !== undefined,
  );
  if (cells.length === 0) return undefined;
  const { fits, fitsUp, relabels, relabelsUp, costs, costsUp } = stepsOf(cells);
  return {
    measured: `PureSVD, NCE-PLRec and WRMF, five rounds on ${cells.map(({ log }) => shortTitle(log)).join(" and ")}: Eq. 26 rose in ${relabelsUp} of ${relabels} relabellings (Eq. 25) and in ${fitsUp} of ${fits} fits (Eq. 24), the transport's cost in ${costsUp} of ${costs} rounds. Eq. 25 is false in general: x = 1, score .9, new weight .75 give .0225 > .01`,
    verdict: relabelsUp + fitsUp + costsUp === 0 ? "held here, but is no theorem" : "does not hold",
  };
}
