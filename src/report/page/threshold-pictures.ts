import type { DenoiseOutcome } from "../../denoise/outcome.ts";
import { rowCounts } from "../../linalg/sparse.ts";
import { count, id, picture, pictures } from "./blocks.ts";
import { powerOfTen } from "./distribution-pictures.ts";
import type { Html } from "./html.ts";
import { FLAGGED, KEPT, MUTED, type openPlots } from "./plots.ts";

/** Shares of the users that have fewer interactions than those that are drawn. */
const DRAWN = [0.1, 0.3, 0.5, 0.7, 0.9, 1];

/** Some users' sorted rows: their own items by rank and match, and kappa, where the row is split. */
export function thresholdPictures(
  outcome: DenoiseOutcome,
  plots: Awaited<ReturnType<typeof openPlots>>,
): Html {
  return pictures(...usersToDraw(outcome).map((user) => sortedRow(outcome, user, plots)));
}

/** Users from rather inactive to the most active one, each once. */
export function usersToDraw({ input }: DenoiseOutcome): number[] {
  const counts = rowCounts(input.matrix);
  const users = Array.from(counts.keys()).filter((user) => counts[user]! > 1);
  users.sort((left, right) => counts[left]! - counts[right]! || left - right);
  const at = (share: number) => users[Math.min(users.length - 1, Math.floor(share * users.length))]!;
  return users.length === 0 ? [] : [...new Set(DRAWN.map(at))];
}

function sortedRow(
  { input, matching, noise }: DenoiseOutcome,
  user: number,
  { plot, draw }: Awaited<ReturnType<typeof openPlots>>,
): Html {
  const { offsets } = input.matrix;
  const [start, end] = [offsets[user]!, offsets[user + 1]!];
  const own = Array.from({ length: end - start }, (_, at) => ({
    rank: matching.rank[start + at]!,
    match: matching.match[start + at]!,
    kind: noise[start + at] === 1 ? FLAGGED : KEPT,
  })).filter(({ match }) => match > 0);
  const [kappa, threshold] = [matching.kappa[user]!, matching.threshold[user]!];
  const line = [...own, { rank: kappa, match: threshold }].sort(
    (left, right) => left.rank - right.rank || right.match - left.match,
  );
  const flagged = own.filter(({ kind }) => kind === FLAGGED).length;
  const svg = draw({
    label: `The sorted row of a user with kappa ${kappa}`,
    x: {
      type: "log",
      domain: [1, Math.max(2, input.items.size)],
      label: "rank among all items",
      tickFormat: "~s",
      ticks: powersOfTen(1, input.items.size),
    },
    y: {
      type: "log",
      label: "match",
      grid: true,
      tickFormat: powerOfTen,
      ticks: powersOfTen(Math.min(...line.map(({ match }) => match)), line[0]!.match),
    },
    marks: [
      plot.line(line, { x: "rank", y: "match", stroke: MUTED, strokeOpacity: 0.7 }),
      plot.ruleX([kappa], { stroke: "currentColor", strokeDasharray: "3,3" }),
      plot.text([kappa], {
        x: kappa,
        text: [`kappa ${count(kappa)}`],
        frameAnchor: "top",
        dy: -12,
        textAnchor: kappa > 2 ? "middle" : "start",
        fill: "currentColor",
      }),
      plot.dot(own, { x: "rank", y: "match", fill: "kind", r: 3, fillOpacity: 0.85 }),
    ],
    marginTop: 40,
  });
  const about = `${count(own.length)} interactions, ${count(flagged)} flagged.`;
  return picture(id(input.users.at(user)), svg, about);
}

/** The powers of ten from `low` to `high`. */
function powersOfTen(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low));
  const last = Math.floor(Math.log10(high));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => 10 ** (first + at));
}
