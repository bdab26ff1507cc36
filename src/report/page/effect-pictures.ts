import type { Rate } from "../../denoise/calibrated/joint-decoy.ts";
import type { Judgement } from "../../evaluate/judgement.ts";
import { count, decimals, percent } from "../table.ts";
import { effectText, relativeEffect } from "../verdict-words.ts";
import { picture, pictures, table } from "./blocks.ts";
import { type Html, html } from "./html.ts";
import { FLAGGED, KEPT, MUTED, type openPlots } from "./plots.ts";

type Plots = Awaited<ReturnType<typeof openPlots>>;

/** What was judged, and against what. */
export type Effect = readonly [what: string, against: string, judgement: Judgement];

const COLOURS = { helps: KEPT, "no evidence": MUTED, hurts: FLAGGED };

/** Changes with their intervals, as a picture and as a table. */
export function effectParts(effects: readonly Effect[], metric: string, plots: Plots): Html {
  return html`${pictures(
    picture(
      `Change of ${metric}`,
      effectPicture(effects, metric, plots),
      "With 95% intervals, paired by user. Blue helps, orange hurts, grey is no evidence.",
    ),
  )}
${table(
  ["what, against what", "change (95% interval)", "t", "users", "verdict"],
  effects.map(([what, against, judgement]) => [
    html`${what} <span class="muted">against</span> ${against}`,
    effectText(judgement),
    decimals(judgement.t, 1),
    count(judgement.users),
    judgement.verdict,
  ]),
  ["change (95% interval)", "t", "users"],
)}`;
}

function effectPicture(effects: readonly Effect[], metric: string, { plot, draw }: Plots): Html {
  const data = effects.map(([what, against, judgement], row) => {
    const name = `${what}, against ${against}`;
    return { row: String(row), name, colour: COLOURS[judgement.verdict], ...relativeEffect(judgement) };
  });
  return draw({
    label: `Changes of ${metric}, with intervals`,
    height: 40 + 60 * data.length,
    marginLeft: 8,
    x: {
      label: null,
      grid: true,
      ticks: 5,
      tickFormat: signed,
      nice: true,
    },
    y: { axis: null, domain: data.map(({ row }) => row) },
    marks: [
      plot.ruleX([0], { stroke: "currentColor", strokeDasharray: "3,3" }),
      plot.text(data, {
        y: "row",
        text: "name",
        frameAnchor: "left",
        textAnchor: "start",
        lineWidth: 34,
        lineAnchor: "bottom",
        lineHeight: 1.15,
        fill: "currentColor",
        stroke: "var(--surface)",
        strokeWidth: 4,
      }),
      plot.ruleY(data, { y: "row", x1: "low", x2: "high", stroke: "colour", strokeWidth: 2, dy: 12 }),
      plot.dot(data, { y: "row", x: "change", fill: "colour", r: 5, dy: 12 }),
    ],
  });
}

function signed(share: number): string {
  return `${share > 0 ? "+" : ""}${Number((100 * share).toFixed(1))}%`;
}

/** An interval of shares, e.g. "12.7–16.0%". */
export function range({ low, high }: Rate): string {
  return `${(100 * low).toFixed(1)}–${percent(high)}`;
}

/** The share of accidental clicks with its interval, on a line with the share below which a log is left as it is. */
export function ratePicture({ estimate, low, high }: Rate, least: number, { plot, draw }: Plots): Html {
  return draw({
    label: `Accidental clicks: ${percent(estimate)}, ${percent(low)} to ${percent(high)}`,
    height: 96,
    marginLeft: 8,
    marginTop: 26,
    x: {
      label: null,
      domain: [0, Math.min(1, Math.max(0.1, 1.15 * high))],
      ticks: 6,
      grid: true,
      tickFormat: (value: number) => `${Number((100 * value).toFixed(1))}%`,
    },
    y: { axis: null, domain: [-1, 1] },
    marks: [
      plot.ruleX([least], { stroke: "currentColor", strokeDasharray: "3,3" }),
      plot.text([least], {
        x: least,
        text: [`below ${100 * least}%: left as it is`],
        frameAnchor: "top",
        textAnchor: "start",
        dx: 5,
        dy: -14,
        fill: "currentColor",
      }),
      plot.ruleY([0], { y: [0], x1: [low], x2: [high], stroke: FLAGGED, strokeWidth: 3 }),
      plot.dot([0], { y: [0], x: [estimate], fill: FLAGGED, r: 6 }),
    ],
  });
}
