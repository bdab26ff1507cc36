import type { Explored } from "./explored.ts";
import type { Figures, Histogram, Overview } from "./messages.ts";
import type { Browser, Counts } from "./rows.ts";

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
): Omit<Overview, "decisions" | "diagnosis"> {
  const { input, report, figures, noise, log, name } = explored;
  const { users, items } = input;
  const { byUser, byItem } = browser.counts;
  return {
    name,
    kind: log === undefined ? "run" : "log",
    users: users.size,
    items: items.size,
    interactions: input.size,
    flagged: noise.reduce((sum, flag) => sum + flag, 0),
    meanWeight: explored.weights.reduce((sum, weight) => sum + weight, 0) / input.size,
    report: report ?? null,
    figures: figuresOf(figures),
    margins: marginsOf(explored),
    byUser: byInteractions(byUser),
    byItem: byInteractions(byItem),
    worstUsers: worst(byUser).map(browser.userTally),
    worstItems: worst(byItem).map(browser.itemTally),
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
function byInteractions({ interactions, flagged }: Counts): Histogram {
  const most = interactions.reduce((most, count) => Math.max(most, count), 1);
  const bins = 1 + Math.floor(Math.log2(most));
  const histogram = {
    edges: Array.from({ length: bins + 1 }, (_, bin) => 2 ** bin),
    kept: new Array<number>(bins).fill(0),
    flagged: new Array<number>(bins).fill(0),
  };
  for (const [owner, count] of interactions.entries()) {
    if (count === 0) continue;
    const bin = Math.floor(Math.log2(count));
    histogram.flagged[bin]! += flagged[owner]!;
    histogram.kept[bin]! += count - flagged[owner]!;
  }
  return histogram;
}

/** The largest shares flagged, of those with enough interactions; then the most flagged. */
function worst({ interactions, flagged }: Counts): number[] {
  const share = (owner: number) => flagged[owner]! / interactions[owner]!;
  const isWorse = (left: number, right: number) =>
    share(left) > share(right) || (share(left) === share(right) && flagged[left]! > flagged[right]!);
  const found: number[] = [];
  for (let owner = 0; owner < interactions.length; owner++) {
    if (interactions[owner]! < ENOUGH) continue;
    if (found.length === WORST && !isWorse(owner, found.at(-1)!)) continue;
    const place = found.findIndex((other) => isWorse(owner, other));
    found.splice(place < 0 ? found.length : place, 0, owner);
    found.length = Math.min(found.length, WORST);
  }
  return found;
}

function figuresOf(figures: Figures): Figures {
  const { model, parameters, transport, marginals, threshold, gamma, beta, lambda } = figures;
  const { iterations, seed, planMass, seconds } = figures;
  return {
    ...{ model, parameters, transport, marginals, threshold, gamma, beta, lambda },
    ...{ iterations, seed, planMass, seconds },
  };
}
