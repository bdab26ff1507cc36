import { upperBound } from "./percentiles.ts";
import type { ScoredRows } from "./scored-rows.ts";

/** Groups of users by their clicks, of about as many observed clicks each. */
const GROUPS = 5;
/** Decoys that have to lie above a threshold for it to count: a share of them, and a number. */
const TAIL = 0.02;
const TAIL_SIZE = 30;
/** A share is never estimated below this, so that its logarithm exists. */
const LEAST = 1e-4;

/**
 * The share of accidental clicks among those of a user with so many: the largest mass of decoys that fits inside the
 * observed, min over t of F_observed(> t) / F_decoy(> t) in each group of users, a straight line in logarithms.
 */
export function noiseShare(parts: readonly ScoredRows[]): (userClicks: number) => number {
  const bounds = groupBounds(parts);
  const points = Array.from({ length: GROUPS }, (_, group) => groupShare(parts, bounds, group));
  return logLinear(points.filter(({ mass }) => mass > 0));
}

interface Point {
  /** Mean log of the users' clicks. */
  readonly x: number;
  /** Log of the share. */
  readonly y: number;
  readonly mass: number;
}

/** The most clicks in each group but the last. */
function groupBounds(parts: readonly ScoredRows[]): Float32Array {
  const { userClicks, decoys } = parts[0]!;
  const clicks = userClicks.filter((_, row) => decoys[row] === 0).sort();
  return Float32Array.from({ length: GROUPS - 1 }, (_, group) => {
    return clicks[Math.floor(((group + 1) / GROUPS) * clicks.length)]!;
  });
}

function groupShare(parts: readonly ScoredRows[], bounds: Float32Array, group: number): Point {
  const low = group === 0 ? 0 : bounds[group - 1]!;
  const high = group === GROUPS - 1 ? Infinity : bounds[group]!;
  const isIn = (clicks: number) => clicks > low && clicks <= high;
  const edges = sortedDecoys(parts, isIn);
  const observed = new Float64Array(edges.length + 1);
  let mass = 0;
  let logs = 0;
  for (const { suspicion, decoys, weights, userClicks } of parts) {
    for (let row = 0; row < suspicion.length; row++) {
      if (decoys[row] === 1 || !isIn(userClicks[row]!)) continue;
      const weight = weights[row]!;
      observed[upperBound(edges, suspicion[row]!)]! += weight;
      mass += weight;
      logs += weight * Math.log(userClicks[row]!);
    }
  }
  if (edges.length === 0 || mass === 0) return { x: 0, y: 0, mass: 0 };
  const total = edges.length;
  let share = 1;
  let above = 0;
  for (let place = total - 1; place >= 0; place--) {
    above += observed[place + 1]!;
    const decoysAbove = (total - place) / total;
    const counts = total - place >= Math.min(total, Math.max(TAIL_SIZE, TAIL * total));
    const isLast = place === 0 || edges[place - 1]! < edges[place]!;
    if (isLast && counts) share = Math.min(share, above / mass / decoysAbove);
  }
  return { x: logs / mass, y: Math.log(Math.max(share, LEAST)), mass };
}

function sortedDecoys(parts: readonly ScoredRows[], isIn: (clicks: number) => boolean): Float32Array {
  const isMine = ({ decoys, weights, userClicks }: ScoredRows, row: number) =>
    decoys[row] === 1 && weights[row]! > 0 && isIn(userClicks[row]!);
  const own = parts.map((part) => part.suspicion.filter((_, row) => isMine(part, row)));
  const all = new Float32Array(own.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of own) {
    all.set(values, at);
    at += values.length;
  }
  return all.sort();
}

/** exp(a + b log clicks) by weighted least squares, at most 1; constant where all users have as many clicks. */
function logLinear(points: readonly Point[]): (clicks: number) => number {
  const mass = points.reduce((sum, point) => sum + point.mass, 0);
  if (mass === 0) return () => 0;
  const x = points.reduce((sum, point) => sum + point.mass * point.x, 0) / mass;
  const y = points.reduce((sum, point) => sum + point.mass * point.y, 0) / mass;
  const spread = points.reduce((sum, point) => sum + point.mass * (point.x - x) ** 2, 0) / mass;
  const together = points.reduce((sum, point) => sum + point.mass * (point.x - x) * (point.y - y), 0) / mass;
  const slope = spread > 1e-9 ? together / spread : 0;
  return (clicks) => Math.min(1, Math.exp(y + slope * (Math.log(clicks) - x)));
}
