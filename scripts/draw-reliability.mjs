// Draws docs/reliability.svg from experiments/results/calibrated-detection.json: of the clicks told to be accidental with
// about the same probability, the share that was injected; a line a kind of noise, the diagonal is right.
//   npm run setup && node scripts/draw-reliability.mjs
import { readFileSync, writeFileSync } from "node:fs";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const LOGS = { "ml-100k": "ML-100k", amusic: "AMusic" };
const KINDS = {
  "added, users uniform": ["#3f87d9", "circle"],
  "added, users proportional": ["#7fb2ea", "square"],
  "replaced, random clicks": ["#d9772b", "triangle"],
  "by popularity, users uniform": ["#2f9e6a", "diamond"],
  "by popularity, users proportional": ["#8cc63f", "star"],
};
const LEAST = 50;
const WIDTH = 480;
const STYLE = `
.reliability { background: #fff; color: #1f2328; font: 12px system-ui, sans-serif }
@media (prefers-color-scheme: dark) { .reliability { background: #0d1117; color: #e6edf3 } }
`;

const root = new URL("..", import.meta.url);
const { cells } = JSON.parse(
  readFileSync(new URL("experiments/results/calibrated-detection.json", root), "utf8"),
);
const { document } = parseHTML("<!doctype html><body></body>");
const legend = Object.entries(KINDS).map(
  ([kind, [colour]], index) =>
    `<circle cx="${12 + (index % 2) * 230}" cy="${14 + 18 * Math.floor(index / 2)}" r="4.5" fill="${colour}"/>` +
    `<text x="${22 + (index % 2) * 230}" y="${18 + 18 * Math.floor(index / 2)}">${kind}</text>`,
);
let top = 88;
const panels = Object.entries(LOGS).map(([log, title]) => {
  const svg = panel(log);
  svg.setAttribute("x", "0");
  svg.setAttribute("y", String(top + 8));
  const name = document.createElement("title");
  name.textContent = title;
  svg.prepend(name);
  const text = `<text x="12" y="${top}" font-weight="600" font-size="13">${title}, 10% noise</text>`;
  top += 300;
  return text + svg.outerHTML;
});
writeFileSync(
  new URL("docs/reliability.svg", root),
  `<svg xmlns="http://www.w3.org/2000/svg" class="reliability" role="img" fill="currentColor" viewBox="0 0 ${WIDTH} ${top - 20}">` +
    "<title>Told probability of being accidental, and share of injected noise, on MovieLens 100K and AMusic</title>" +
    `<style>${STYLE}</style>${legend.join("")}${panels.join("\n")}</svg>\n`,
);

function panel(log) {
  const kinds = Object.keys(KINDS);
  const points = kinds.flatMap((kind) => {
    const own = Object.entries(cells).filter(([key]) => key.startsWith(`${log}: ${kind}: `));
    return Array.from({ length: 10 }, (_, bin) => {
      const bins = own.map(([, { reliability }]) => reliability[bin]);
      const clicks = bins.reduce((sum, [count]) => sum + count, 0);
      const mean = (index) => bins.reduce((sum, values) => sum + values[0] * values[index], 0) / clicks;
      return { kind, clicks, told: mean(1), real: mean(2) };
    }).filter(({ clicks }) => clicks >= LEAST);
  });
  const marks = [
    Plot.line(
      [
        [0, 0],
        [1, 1],
      ],
      { stroke: "currentColor", strokeOpacity: 0.6, strokeDasharray: "2,4" },
    ),
    Plot.line(points, { x: "told", y: "real", stroke: "kind", strokeWidth: 2 }),
    Plot.dot(points, { x: "told", y: "real", stroke: "kind", symbol: "kind", r: 3.5 }),
  ];
  const svg = Plot.plot({
    ...{
      document,
      width: WIDTH,
      height: 270,
      marginLeft: 46,
      marginRight: 16,
      marginBottom: 36,
      grid: true,
      marks,
    },
    style: { fontSize: "12px" },
    x: { domain: [0, 1], label: "probability of being accidental, as told" },
    y: { domain: [0, 1], label: "injected" },
    color: { domain: kinds, range: kinds.map((kind) => KINDS[kind][0]) },
    symbol: { domain: kinds, range: kinds.map((kind) => KINDS[kind][1]) },
  });
  for (const style of svg.querySelectorAll("style")) style.remove();
  return svg;
}
