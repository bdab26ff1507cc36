import type { Markish } from "@observablehq/plot";
import { percent } from "../table.ts";
import type { Bin } from "./bins.ts";
import { picture, pictures } from "./blocks.ts";
import { type Html, html } from "./html.ts";
import { FLAGGED, KEPT, MUTED, type openPlots } from "./plots.ts";
import type { Probabilities } from "./probabilities.ts";
import { sharePicture } from "./share-picture.ts";

type Plots = Awaited<ReturnType<typeof openPlots>>;

/** How sure it is of single clicks, what flagging more of them would cost, and whom the accidents fall on. */
export function probabilityPictures(
  { spread, popularity, activity, discovery }: Probabilities,
  { flaggedShare, fdr, legend }: { flaggedShare: number; fdr: number; legend: string },
  plots: Plots,
): Html {
  return html`<p class="keys"><span style="--key: ${KEPT}">kept</span><span style="--key: ${FLAGGED}">${legend}</span></p>
${pictures(
  picture(
    "How probable it is that a click is accidental",
    spreadPicture(spread, plots),
    "Heights by square root, so that the few at the right are seen.",
  ),
  picture(
    "What flagging more would cost",
    discoveryPicture(discovery, flaggedShare, fdr, plots),
    `Expected share of false ones among so many flagged. The dot: --fdr ${percent(fdr)}, ${percent(flaggedShare)} flagged.`,
  ),
  picture(
    "Accidental, by popularity",
    accidental(popularity, "interactions of the item", plots),
    "Expected share among items chosen that often.",
  ),
  picture(
    "Accidental, by activity",
    accidental(activity, "interactions of the user", plots),
    "Expected share among users that active.",
  ),
)}`;
}

/** Flags begin at some probability, so that at most one bar holds both kinds; it has the colour of most of it. */
function spreadPicture(bins: readonly Bin[], { plot, draw }: Plots): Html {
  const bars = bins.map((bin) => ({
    ...bin,
    kind: bin.flagged > bin.interactions / 2 ? FLAGGED : KEPT,
  }));
  return draw({
    label: "Histogram of the probability of being accidental",
    marginTop: 30,
    x: { label: "probability", domain: [0, 1], ticks: 5 },
    y: { type: "sqrt", label: "interactions", grid: true, tickFormat: "~s", ticks: 5 },
    marks: [
      plot.rectY(bars, { x1: "from", x2: "to", y: "interactions", fill: "kind", inset: 0.5 }),
      plot.ruleY([0], { stroke: MUTED }),
    ],
  });
}

function discoveryPicture(
  discovery: Probabilities["discovery"],
  flaggedShare: number,
  fdr: number,
  { plot, draw }: Plots,
): Html {
  const end = Math.min(1, Math.max(0.1, 4 * flaggedShare));
  const shown = discovery.filter(
    ({ flagged }, at) => at === 0 || discovery[at - 1]!.flagged <= end * 1.05 || flagged <= end,
  );
  const marks: Markish[] = [
    plot.ruleY([fdr], { stroke: "currentColor", strokeDasharray: "3,3" }),
    plot.line(shown, { x: "flagged", y: "falseShare", stroke: FLAGGED, strokeWidth: 2, clip: true }),
    plot.ruleY([0], { stroke: MUTED }),
  ];
  if (flaggedShare > 0) {
    const at = discovery.findLast(({ flagged }) => flagged <= flaggedShare + 1e-9)?.falseShare ?? fdr;
    marks.push(plot.dot([flaggedShare], { x: flaggedShare, y: at, fill: FLAGGED, r: 5 }));
  }
  const share = (value: number) => `${Number((100 * value).toFixed(1))}%`;
  return draw({
    label: "Expected share of false ones by share flagged",
    marginTop: 30,
    x: { label: "flagged", domain: [0, end], tickFormat: share, ticks: 5 },
    y: { label: "false among them", domain: [0, 1], grid: true, tickFormat: share, ticks: 5 },
    marks,
  });
}

function accidental(bins: readonly Bin[], by: string, plots: Plots): Html {
  const shareOf = ({ accidents, interactions }: Bin) => accidents / interactions;
  const label = "Expected share of accidental clicks";
  return sharePicture(bins, { label, by, of: "accidental", shareOf }, plots);
}
