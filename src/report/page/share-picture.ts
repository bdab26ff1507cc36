import type { Bin } from "./bins.ts";
import type { Html } from "./html.ts";
import { FLAGGED, MUTED, type openPlots } from "./plots.ts";

interface ShareOptions {
  /** What is shown, for those who can't see it. */
  readonly label: string;
  /** What doubles from bar to bar. */
  readonly by: string;
  /** What the shares are of, in a word. */
  readonly of: string;
  readonly shareOf: (bin: Bin) => number;
  /** In percent; without it as high as the highest bar. */
  readonly domain?: readonly [number, number];
}

/** A bar for each of doubling bins, as high as its share. */
export function sharePicture(
  bins: readonly Bin[],
  { label, by, of, shareOf, domain }: ShareOptions,
  { plot, draw }: Awaited<ReturnType<typeof openPlots>>,
): Html {
  const bars = bins.map((bin) => ({ ...bin, share: shareOf(bin) }));
  return draw({
    label: `${label} by ${by}`,
    marginTop: 30,
    x: { type: "log", base: 2, label: by, tickFormat: short, ticks: 6 },
    y: {
      ...{ label: of, percent: true, grid: true, ...(domain ? { domain } : { zero: true }) },
      ...{ ticks: 5, tickFormat: (value: number) => `${value}%` },
    },
    marks: [
      plot.rectY(bars, { x1: "from", x2: "to", y: "share", fill: FLAGGED, fillOpacity: 0.75, inset: 0.5 }),
      plot.ruleY([0], { stroke: MUTED }),
    ],
  });
}

/** A power of two in few digits: 1024 as 1k. */
function short(value: number): string {
  if (value < 1000) return String(value);
  return value < 1e6 ? `${Math.round(value / 1000)}k` : `${Math.round(value / 1e6)}M`;
}
