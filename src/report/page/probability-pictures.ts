import type { Markish } from "@observablehq/plot";
import { percent } from "../table.ts";
import { picture, pictures } from "./blocks.ts";
import { short } from "./distribution-pictures.ts";
import { type Html, html } from "./html.ts";
import { FLAGGED, KEPT, MUTED, type openPlots } from "./plots.ts";
import type { Probabilities, ProbabilityBin } from "./probabilities.ts";

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
    shares(popularity, "interactions of the item", plots),
    "Expected share among items chosen that often.",
  ),
  picture(
    "Accidental, by activity",
    shares(activity, "interactions of the user", plots),
    "Expected share among users that active.",
  ),
)}`;
}

/** Flags begin at some probability, so that at most one bar holds both kinds; it has the colour of most of it. */
function spreadPicture(bins: readonly ProbabilityBin[], { plot, draw }: Plots): Html {
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

function shares(bins: readonly ProbabilityBin[], label: string, { plot, draw }: Plots): Html {
  const data = bins.map((bin) => ({ ...bin, share: bin.accidents / bin.interactions }));
  return draw({
    label: `Expected share of accidental clicks by ${label}`,
    marginTop: 30,
    x: { type: "log", base: 2, label, tickFormat: short, ticks: 6 },
    y: {
      label: "accidental",
      percent: true,
      zero: true,
      grid: true,
      ticks: 5,
      tickFormat: (value: number) => `${value}%`,
    },
    marks: [
      plot.rectY(data, { x1: "from", x2: "to", y: "share", fill: FLAGGED, fillOpacity: 0.75, inset: 0.5 }),
      plot.ruleY([0], { stroke: MUTED }),
    ],
  });
}
