import type { PlotOptions } from "@observablehq/plot";
import type { LabCell, NoiseLab } from "../evaluate/lab/lab.ts";
import type { NoiseKind } from "../interactions/corrupt.ts";

type Plot = typeof import("@observablehq/plot");
type Draw = (options: PlotOptions) => ReturnType<Plot["plot"]>;

const WIDTH = 480;
const MARGIN = 12;
/** Colours that are read on white and on black, and signs for those who can't tell them apart. */
const LOOKS: Readonly<Record<NoiseKind, { readonly colour: string; readonly sign: string }>> = {
  add: { colour: "#3f87d9", sign: "circle" },
  replace: { colour: "#d9772b", sign: "square" },
  popular: { colour: "#2f9e6a", sign: "triangle" },
  bots: { colour: "#b06fd0", sign: "diamond" },
  bursts: { colour: "#c2545f", sign: "star" },
  merged: { colour: "#8a8f98", sign: "cross" },
};
const STYLE = `
.noise-lab { background: #fff; color: #1f2328; font: 12px system-ui, sans-serif }
@media (prefers-color-scheme: dark) { .noise-lab { background: #0d1117; color: #e6edf3 } }
`;

/** Detection, calibration and recovery as one SVG file that follows the reader's light or dark theme. */
export async function noiseLabPicture({ clean, cells }: NoiseLab): Promise<string> {
  const [plots, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<!doctype html><body></body>");
  const draw: Draw = (options) => {
    const svg = plots.plot({ ...scales(cells), ...options, document: document as never });
    for (const style of svg.querySelectorAll("style")) style.remove();
    return svg;
  };
  const panels = [
    { title: "Is it found? ROC-AUC by rate (dashed: by popularity)", svg: detection(plots, draw, cells) },
    { title: "Do flags hold? False ones, nominal and real", svg: falseDiscovery(plots, draw, cells) },
    { title: "Are probabilities right? Told, and share of noise", svg: reliability(plots, draw, cells) },
    {
      title: "Is it won back? ndcg@5, per cent of the clean log's",
      svg: recovery(plots, draw, cells, clean.ndcg),
    },
  ];
  let top = 46;
  const parts = panels.map(({ title, svg }) => {
    const name = document.createElement("title");
    name.textContent = title;
    svg.prepend(name as never);
    svg.setAttribute("x", "0");
    svg.setAttribute("y", String(top + 12));
    const text = `<text x="${MARGIN}" y="${top}" font-weight="600" font-size="13">${title}</text>`;
    top += 12 + Number(svg.getAttribute("height")) + 26;
    return text + svg.outerHTML;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="noise-lab" role="img" fill="currentColor" viewBox="0 0 ${WIDTH} ${top - 10}">`,
    `<title>Noise of ${kindsOf(cells).length} kinds put into the log: what is found, whether flags and probabilities hold, what is won back</title>`,
    `<style>${STYLE}</style>${legend(cells)}${parts.join("\n")}</svg>\n`,
  ].join("");
}

function kindsOf(cells: readonly LabCell[]): NoiseKind[] {
  return [...new Set(cells.map(({ kind }) => kind))];
}

function scales(cells: readonly LabCell[]): PlotOptions {
  const kinds = kindsOf(cells);
  return {
    ...{ width: WIDTH, height: 230, marginLeft: 46, marginRight: 16, marginBottom: 36, grid: true },
    style: { fontSize: "12px" },
    color: { domain: kinds, range: kinds.map((kind) => LOOKS[kind].colour) },
    symbol: { domain: kinds, range: kinds.map((kind) => LOOKS[kind].sign) as never },
  };
}

/** Names in the kinds' colours, in the order of the table. */
function legend(cells: readonly LabCell[]): string {
  const kinds = kindsOf(cells);
  const step = (WIDTH - 2 * MARGIN) / Math.max(kinds.length, 6);
  return kinds
    .map((kind, index) => {
      const x = MARGIN + index * step;
      const dot = `<circle cx="${x + 5}" cy="14" r="4.5" fill="${LOOKS[kind].colour}"/>`;
      return `${dot}<text x="${x + 14}" y="18">${kind}</text>`;
    })
    .join("");
}

function detection({ lineY, dot, ruleY }: Plot, draw: Draw, cells: readonly LabCell[]) {
  const points = cells.map(({ kind, noiseShare, rocAuc, popularity }) => ({
    ...{ kind, rate: 100 * noiseShare, auc: rocAuc, control: popularity.rocAuc },
  }));
  return draw({
    x: { label: "injected, % of the clicks", zero: true },
    y: { domain: [0, 1], label: null },
    marks: [
      ruleY([0.5], { stroke: "currentColor", strokeOpacity: 0.6 }),
      lineY(points, { x: "rate", y: "control", stroke: "kind", strokeDasharray: "2,4", strokeOpacity: 0.8 }),
      lineY(points, { x: "rate", y: "auc", stroke: "kind", strokeWidth: 2 }),
      dot(points, { x: "rate", y: "auc", stroke: "kind", symbol: "kind", r: 4 }),
    ],
  });
}

function falseDiscovery({ line, dot }: Plot, draw: Draw, cells: readonly LabCell[]) {
  const points = middle(cells).flatMap(({ kind, flags }) =>
    flags
      .filter(({ falseDiscoveryRate }) => falseDiscoveryRate !== null)
      .map(({ fdr, falseDiscoveryRate }) => ({ kind, told: fdr, real: falseDiscoveryRate! })),
  );
  return draw({
    x: { domain: [0, 0.55], label: "nominal share of false flags" },
    y: { domain: [0, 1], label: "real" },
    marks: [
      line(
        [
          { told: 0, real: 0 },
          { told: 0.55, real: 0.55 },
        ],
        diagonal("told", "real"),
      ),
      line(points, { x: "told", y: "real", stroke: "kind", strokeWidth: 2 }),
      dot(points, { x: "told", y: "real", stroke: "kind", symbol: "kind", r: 4 }),
    ],
  });
}

function reliability({ line, dot }: Plot, draw: Draw, cells: readonly LabCell[]) {
  const points = middle(cells).flatMap(({ kind, reliability }) =>
    reliability
      .filter(({ clicks }) => clicks >= 20)
      .map(({ mean, share }) => ({ kind, told: mean, real: share })),
  );
  return draw({
    x: { domain: [0, 1], label: "probability of being accidental, as told" },
    y: { domain: [0, 1], label: "injected" },
    marks: [
      line(
        [
          { told: 0, real: 0 },
          { told: 1, real: 1 },
        ],
        diagonal("told", "real"),
      ),
      line(points, { x: "told", y: "real", stroke: "kind", strokeWidth: 2 }),
      dot(points, { x: "told", y: "real", stroke: "kind", symbol: "kind", r: 3 }),
    ],
  });
}

/** Small multiples, a kind each: with the noise (thin), with weights (thick), without the noise (dashed). */
function recovery({ lineY, dot, text }: Plot, draw: Draw, cells: readonly LabCell[], clean: number) {
  const kinds = kindsOf(cells);
  const place = (kind: NoiseKind) => ({
    column: kinds.indexOf(kind) % 3,
    row: Math.floor(kinds.indexOf(kind) / 3),
  });
  const points = cells.map(({ kind, noiseShare, ndcg }) => ({
    ...{ kind, ...place(kind), rate: 100 * noiseShare },
    noisy: (100 * ndcg.noisy) / clean,
    denoised: (100 * ndcg.denoised) / clean,
    oracle: (100 * ndcg.oracle) / clean,
  }));
  const facets = { x: "rate", fx: "column", fy: "row" } as const;
  const names = kinds.map((kind) => ({ kind: `${kind}`, ...place(kind) }));
  return draw({
    height: 120 + 110 * Math.ceil(kinds.length / 3),
    fx: { axis: null },
    fy: { axis: null },
    x: { label: "injected, % (thin: noisy; thick: with weights; dashed: oracle)", zero: true, ticks: 3 },
    y: { label: null, nice: true, ticks: 4 },
    marks: [
      lineY(points, {
        ...facets,
        y: "oracle",
        stroke: "currentColor",
        strokeDasharray: "4,3",
        strokeOpacity: 0.7,
      }),
      lineY(points, { ...facets, y: "noisy", stroke: "kind", strokeWidth: 1 }),
      lineY(points, { ...facets, y: "denoised", stroke: "kind", strokeWidth: 3 }),
      dot(points, { ...facets, y: "denoised", stroke: "kind", symbol: "kind", r: 3 }),
      text(names, {
        fx: "column",
        fy: "row",
        text: "kind",
        frameAnchor: "top-right",
        fill: "currentColor",
        dy: -2,
      }),
    ],
  });
}

function diagonal(x: string, y: string) {
  return { x, y, stroke: "currentColor", strokeOpacity: 0.6, strokeDasharray: "2,4" };
}

/** The cells at the rate in the middle of those tried. */
function middle(cells: readonly LabCell[]): LabCell[] {
  const rates = [...new Set(cells.map(({ rate }) => rate))].sort((left, right) => left - right);
  return cells.filter(({ rate }) => rate === rates[Math.floor((rates.length - 1) / 2)]);
}
