import type { Explored } from "./explored.ts";
import type { Histogram, Overview, Tally } from "./messages.ts";
import type { Browser } from "./rows.ts";

/** Edges of log10(match / threshold): a tenfold in four, the first and last bin take all beyond. */
const MARGIN_EDGES = Array.from({ length: 25 }, (_, index) => (index - 16) / 4);
const WORST = 8;
/** Too few interactions say little about a user's or an item's share. */
const ENOUGH = 5;

/** The first view. O(interactions). */
export function overviewOf(
  explored: Explored,
  browser: Browser,
  models: readonly string[],
): Omit<Overview, "decisions"> {
  const { input, report, figures, noise, log, name } = explored;
  const { users, items } = input;
  const userTallies = Array.from({ length: users.size }, (_, user) => browser.userTally(user));
  const itemTallies = Array.from({ length: items.size }, (_, item) => browser.itemTally(item));
  return {
    name,
    kind: log === undefined ? "run" : "log",
    users: users.size,
    items: items.size,
    interactions: input.size,
    flagged: noise.reduce((sum, flag) => sum + flag, 0),
    meanWeight: explored.weights.reduce((sum, weight) => sum + weight, 0) / input.size,
    report: report ?? null,
    figures,
    margins: marginsOf(explored),
    byUser: byInteractions(userTallies),
    byItem: byInteractions(itemTallies),
    worstUsers: worst(userTallies),
    worstItems: worst(itemTallies),
    models,
    scores: explored.scores !== undefined,
  };
}

/** Interactions by how far their match lies from the user's threshold. */
export function marginsOf({
  input,
  matching,
  noise,
}: Pick<Explored, "input" | "matching" | "noise">): Histogram {
  const bins = MARGIN_EDGES.length - 1;
  const kept = new Array<number>(bins).fill(0);
  const flagged = new Array<number>(bins).fill(0);
  const { offsets } = input.matrix;
  for (let user = 0; user < input.users.size; user++) {
    const threshold = matching.threshold[user]!;
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const margin = Math.log10(matching.match[entry]! / threshold);
      const isFlagged = noise[entry] === 1;
      const bin = Math.floor((margin - MARGIN_EDGES[0]!) * 4);
      // Rounding must not carry a flag over the threshold's edge.
      const [low, high] = isFlagged ? [0, 15] : [16, bins - 1];
      (isFlagged ? flagged : kept)[Math.min(high, Math.max(low, Number.isNaN(bin) ? low : bin))]!++;
    }
  }
  return { edges: MARGIN_EDGES, kept, flagged };
}

/** Interactions by their owner's number of them, doubled from bin to bin. */
function byInteractions(tallies: readonly Tally[]): Histogram {
  const most = tallies.reduce((most, { interactions }) => Math.max(most, interactions), 1);
  const bins = 1 + Math.floor(Math.log2(most));
  const kept = new Array<number>(bins).fill(0);
  const flagged = new Array<number>(bins).fill(0);
  for (const tally of tallies) {
    if (tally.interactions === 0) continue;
    const bin = Math.floor(Math.log2(tally.interactions));
    flagged[bin]! += tally.flagged;
    kept[bin]! += tally.interactions - tally.flagged;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, bin) => 2 ** bin), kept, flagged };
}

/** The largest shares flagged, of those with enough interactions; then the most flagged. */
function worst(tallies: readonly Tally[]): Tally[] {
  const share = ({ flagged, interactions }: Tally) => flagged / interactions;
  return tallies
    .filter(({ interactions }) => interactions >= ENOUGH)
    .sort((left, right) => share(right) - share(left) || right.flagged - left.flagged)
    .slice(0, WORST);
}
