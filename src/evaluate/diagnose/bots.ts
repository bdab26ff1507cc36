import type { Interactions } from "../../interactions/interactions.ts";

/** A user whose clicks look like a machine's. A heuristic: no test at a known error rate. */
export interface OddUser {
  readonly user: string;
  readonly clicks: number;
  /** "blind": clicks items as if there were no popular ones; "volume": far more clicks than the others. */
  readonly kind: "blind" | "volume";
  readonly reason: string;
}

/** Clicks that it takes to judge a user. */
const LEAST_CLICKS = 30;
/** Standard deviations that a real user's mean log popularity lies from that of random items. */
const BLIND = 3;
/** Robust standard deviations of log clicks beyond the median. */
const VOLUME = 4;
/** Where everybody clicks about as often, the deviation counts as this much. */
const LEAST_SPREAD = 0.25;
const MOST_LISTED = 20;

/**
 * Users that look like bots, the most striking first. "blind": their items are no more popular than items drawn at
 * random, where everybody else's are. "volume": the logarithm of their clicks lies 4 robust standard deviations
 * (1.4826 MAD) above the median.
 */
export function botLikeUsers(interactions: Interactions): { found: number; users: OddUser[] } {
  const { matrix, users } = interactions;
  const counts = interactions.userCounts();
  const clicked = interactions.itemCounts();
  const logs = Float64Array.from(clicked, (count) => Math.log(count + 1));
  const catalogue = moments(logs.filter((_, item) => clicked[item]! > 0));
  const active = Float64Array.from(
    counts.filter((count) => count > 0),
    Math.log,
  ).sort();
  const middle = median(active);
  const spread = 1.4826 * median(active.map((value) => Math.abs(value - middle)).sort());
  const odd: (OddUser & { readonly strength: number })[] = [];
  for (let user = 0; user < matrix.rows; user++) {
    const clicks = counts[user]!;
    if (clicks < LEAST_CLICKS) continue;
    const beyond = (Math.log(clicks) - middle) / Math.max(spread, LEAST_SPREAD);
    const own = { user: users.at(user), clicks };
    const free = Math.max(1, logs.length - clicks) / Math.max(1, logs.length - 1); // drawn without replacement
    const items = matrix.indices.subarray(matrix.offsets[user], matrix.offsets[user + 1]);
    const level = items.reduce((sum, item) => sum + logs[item]!, 0) / clicks;
    const error = Math.sqrt((catalogue.variance / clicks) * free);
    const apart = (level - catalogue.mean) / Math.max(error, 1e-9);
    if (apart < BLIND) {
      const reason = `the mean log popularity of its items is what random items have (${apart.toFixed(1)} standard errors off)`;
      odd.push({ ...own, kind: "blind", reason, strength: 100 + clicks });
    } else if (beyond > VOLUME) {
      const reason = `${(clicks / Math.exp(middle)).toFixed(0)} times the median user's clicks`;
      odd.push({ ...own, kind: "volume", reason, strength: beyond });
    }
  }
  odd.sort((left, right) => right.strength - left.strength);
  return {
    found: odd.length,
    users: odd.slice(0, MOST_LISTED).map(({ strength: _, ...user }) => user),
  };
}

function moments(values: Float64Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

function median(ascending: Float64Array): number {
  return ascending[Math.floor(ascending.length / 2)] ?? 0;
}
