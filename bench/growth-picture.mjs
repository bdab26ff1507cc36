import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const WIDTH = 480;
const HEIGHT = 300;
const GAP = 20;
const STAGES = ["read", "fit", "transport", "write"];

/** An SVG of two charts over the number of interactions: seconds by stage, and the share of pairs summed one by one. */
export function growthPicture(runs) {
  const { document } = parseHTML("<html><body></body></html>");
  const chart = (options) =>
    Plot.plot({
      document,
      width: WIDTH,
      height: HEIGHT,
      marginLeft: 55,
      marginRight: 85,
      marginTop: 40,
      marginBottom: 55,
      style: { fontSize: "15px", background: "none", overflow: "visible" },
      ...options,
    });
  const parts = runs.map(({ part, shape }) => ({ part, interactions: shape.interactions }));
  const x = {
    type: "log",
    label: "part of Yahoo's shape (users and interactions)",
    labelAnchor: "center",
    labelArrow: "none",
    labelOffset: 42,
    ticks: parts.map(({ interactions }) => interactions),
    tickFormat: (interactions) => parts.find((each) => each.interactions === interactions)?.part ?? "",
  };
  const times = runs.flatMap(({ shape, seconds }) =>
    STAGES.map((stage) => ({ ...shape, stage, seconds: seconds[stage] })),
  );
  const shares = runs.map(({ shape, certificate }) => ({ ...shape, share: 100 * certificate.nearShare }));
  const seconds = chart({
    x,
    y: {
      type: "log",
      label: "seconds, wall",
      grid: true,
      domain: [1, 1000],
      ticks: [1, 3, 10, 30, 100, 300, 1000],
      tickFormat: String,
    },
    marks: [...lines(times, "seconds", "stage"), ...names(times.slice(-STAGES.length))],
  });
  const near = chart({
    x,
    y: { label: "pairs summed one by one for the items' sums, %", grid: true, zero: true, ticks: 4 },
    marks: [Plot.ruleY([0]), ...lines(shares, "share")],
  });
  near.setAttribute("y", HEIGHT + GAP);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${2 * HEIGHT + GAP}" class="growth">
<title>Seconds by stage, and share of pairs summed one by one, at parts of Yahoo's shape</title>
<style>
.growth { background: #fff; color: #1f2328; font-family: system-ui, sans-serif }
@media (prefers-color-scheme: dark) { .growth { background: #0d1117; color: #e6edf3 } }
</style>
${seconds.outerHTML}
${near.outerHTML}
</svg>
`;
}

/** The stages' names at the ends of their lines, a little apart where two lines end close together. */
function names(last) {
  const sorted = last.toSorted((left, right) => right.seconds - left.seconds);
  const close = (above, below) => above && below && above.seconds < 1.35 * below.seconds;
  return sorted.map((each, place) => {
    const down = close(sorted[place - 1], each) ? 8 : 0;
    const up = close(each, sorted[place + 1]) ? 8 : 0;
    const at = { x: "interactions", y: "seconds", text: "stage", dx: 9, dy: down - up };
    return Plot.text([each], { ...at, textAnchor: "start" });
  });
}

function lines(data, y, z) {
  const channels = { x: "interactions", y, ...(z ? { z } : {}) };
  return [
    Plot.line(data, { ...channels, stroke: "#4c8eda", strokeWidth: 2.5 }),
    Plot.dot(data, { ...channels, fill: "#4c8eda", r: 4 }),
  ];
}
