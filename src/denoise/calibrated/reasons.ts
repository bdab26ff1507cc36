import { printable } from "../../io/printable.ts";
import { columnCounts } from "../../linalg/sparse.ts";
import { atOnce } from "../../progress.ts";
import { type Flag, flaggedOf, nearestKept, percent } from "../evidence.ts";
import { labelAt } from "../label.ts";
import type { Calibrated } from "./calibrated.ts";

/** The flagged clicks, worst first, with evidence; its `kappa` is the number of the user's clicks that are kept. */
export function* flaggedClicks(
  calibrated: Calibrated,
  flagged = atOnce(flaggedOf(calibrated)),
): Generator<Flag> {
  const { input, noise, accidents } = calibrated;
  const { offsets, indices } = input.matrix;
  const { users, entries, margins, order } = flagged;
  const popularity = columnCounts(input.matrix);
  for (const position of order) {
    const entry = entries[position]!;
    const user = users[position]!;
    const item = indices[entry]!;
    const own = noise.subarray(offsets[user], offsets[user + 1]);
    const kappa = own.length - own.reduce((count, flag) => count + flag, 0);
    const neighbours = nearestKept(calibrated, accidents, user, item).map((kept) => input.items.at(kept));
    const label = labelAt(calibrated, user, entry);
    const crowd = popularity[item] === 1 ? "nobody else chose it" : `${popularity[item]} users chose it`;
    const kept =
      neighbours.length > 0
        ? `nearest kept: ${neighbours.map((id) => printable(id)).join(", ")}`
        : "none of the user's own items is kept";
    yield {
      user: input.users.at(user),
      item: input.items.at(item),
      ...label,
      evidence: {
        ...{ kappa, margin: margins[position]!, popularity: popularity[item]!, neighbours },
        reason: `Accidental with probability ${percent(1 - label.relevance)}; ${crowd}; ${kept}.`,
      },
    };
  }
}
