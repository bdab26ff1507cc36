import type { Markish } from "@observablehq/plot";
import type { Bin } from "./bins.ts";
import { picture, pictures } from "./blocks.ts";
import type { Distributions } from "./distributions.ts";
import { type Html, html } from "./html.ts";
import { FLAGGED, KEPT, MUTED, type openPlots } from "./plots.ts";
import { sharePicture } from "./share-picture.ts";

type Plots = Awaited<ReturnType<typeof openPlots>>;

/** How far the matches are from the thresholds, and which users and items the flags fall on. */
export function distributionPictures(
  { margins, popularity, activity, weights }: Distributions,
  plots: Plots,
): Html {
  const { plot, draw } = plots;
  const spread = draw({
    label: "Histogram of match over threshold",
    x: { type: "log", label: "match / threshold", tickFormat: powerOfTen, ticks: 8 },
    y: { label: "interactions", grid: true, tickFormat: "~s", ticks: 5 },
    marks: [...stacked(margins, plots), plot.ruleX([1], { stroke: "currentColor", strokeDasharray: "3,3" })],
  });
  const weighed = draw({
    label: "Histogram of the new weights",
    x: { label: "weight", domain: [0, 1], ticks: 5 },
    y: { label: "interactions", grid: true, tickFormat: "~s", ticks: 5 },
    marks: stacked(weights, plots),
  });
  return html`<p class="keys"><span style="--key: ${KEPT}">kept</span><span style="--key: ${FLAGGED}">flagged</span></p>
${pictures(
  picture("How well they match", spread, "Left of the line: flagged. The outermost bars hold the rest."),
  picture("What they weigh now", weighed, "As a factor of what they weighed before."),
  picture(
    "Flagged by popularity",
    flagged(popularity, "interactions of the item", plots),
    "Share flagged among items chosen that often.",
  ),
  picture(
    "Flagged by activity",
    flagged(activity, "interactions of the user", plots),
    "Share flagged among users that active.",
  ),
)}`;
}

function stacked(bins: readonly Bin[], { plot }: Plots): Markish[] {
  const bars = bins.flatMap(({ from, to, interactions, flagged }) => [
    { from, to, count: flagged, kind: FLAGGED },
    { from, to, count: interactions - flagged, kind: KEPT },
  ]);
  return [
    plot.rectY(bars, { x1: "from", x2: "to", y: "count", fill: "kind", inset: 0.5 }),
    plot.ruleY([0], { stroke: MUTED }),
  ];
}

function flagged(bins: readonly Bin[], by: string, plots: Plots): Html {
  const shareOf = ({ flagged, interactions }: Bin) => flagged / interactions;
  return sharePicture(bins, { label: "Share flagged", by, of: "flagged", shareOf, domain: [0, 100] }, plots);
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** .001 as 10⁻³; nothing for what is no power of ten. */
export function powerOfTen(value: number): string {
  const power = Math.round(Math.log10(value));
  if (Math.abs(Math.log10(value) - power) > 1e-9) return "";
  if (power === 0) return "1";
  const digits = String(Math.abs(power)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!);
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}
