import { parseHTML } from "linkedom";
import { expect, it } from "vitest";
import type { Found, Target } from "./cell.ts";
import { figure1 } from "./figure-1.ts";
import { figure2 } from "./figure-2.ts";
import { NOISE_CELLS } from "./figure-2-noise.ts";
import { HYPERPARAMETERS, SENSITIVITY_CELLS, SENSITIVITY_LOGS } from "./figure-2-sensitivity.ts";
import { figure3 } from "./figure-3.ts";

const about = { machine: { cpu: "a", cores: 2, node: "v20", load: 0 }, seconds: { wall: 1, cpu: 1 } };
const level = (mean: number) => ({ mean, low: mean - 0.01, high: mean + 0.01 });
const test = (arm: string, metric: string) => ({
  ...{
    arm,
    against: "base",
    metric,
    difference: 0.001,
    low: 0,
    high: 0.002,
    tP: 0.03,
    wilcoxonP: 0.04,
    n: 9,
  },
});

const example = (user: string, kappa: number) => ({
  ...{ user, clicks: 20, diversity: 0.8, kappa, matches: [0.4, 0.2, 0.1, 0.05] },
});

const cells: Record<string, object> = {
  "figure-1/ml-100k": {
    ...{ log: "ml-100k", parameters: {}, users: 3, kappa: { median: 2, atMost4: 0.5 } },
    correlations: { "item diversity": level(0.1), clicks: level(-0.5) },
    ...{ narrow: example("u1", 1), wide: example("<u2>", 3) },
    points: [
      [0.8, 1],
      [0.9, 300],
    ],
  },
  "figure-3/ml-100k": {
    ...{ parameters: {}, user: "u1", clicks: 2, romance: 0.5, titled: true, changed: level(1) },
    ...{ users: ["u1", "u2"], items: ["i1", "i2"] },
    matrix: [
      { user: "u1", item: "i1", weight: 0.9, kept: true },
      { user: "u2", item: "i2", weight: 0.5, kept: false },
    ],
    films: [{ item: "i1", title: "A & B", genres: ["Horror"], weight: 0.9, rank: 1, kept: true }],
    before: [{ item: "i1", title: "A & B", genres: [] }],
    after: [{ item: "i2", title: "C", genres: ["War"] }],
  },
};
for (const { name } of NOISE_CELLS) {
  const [reading, percent] = name.split("/")[1]!.split("-") as [string, string | undefined];
  const rate = Number(percent ?? 0) / 100;
  const found = (value: number) => (rate === 0 ? null : level(value));
  const detection = {
    ...{ flaggedShare: level(0.8), precision: level(0.1), hitRatio: found(0.9) },
    ...{ rocAuc: found(0.8), averagePrecision: found(0.3) },
  };
  const arms = ["base", "prorec", "oracle", "shuffled", "mean-1", "user-balance"];
  cells[name] = {
    ...{ reading, rate, parameters: {}, runs: [] },
    summary: Object.fromEntries(arms.map((arm) => [arm, { "paper.recall@5": level(0.15) }])),
    tests: arms.slice(1).map((arm) => test(arm, "paper.recall@5")),
    detection: { prorec: detection, popularity: detection, rawScore: detection },
  };
}
for (const [index, { name }] of SENSITIVITY_CELLS.entries()) {
  const varied = HYPERPARAMETERS[index % HYPERPARAMETERS.length]!;
  const values = { lambda: [0.25, 0.5, 0.75, 1], gamma: [0.05, 0.075, 0.1, 0.125, 0.15, 0.175] };
  const own = { ...values, beta: [1, 5, 10, 20, 50], zeta: [0.0005, 0.001, 0.005, 0.01] }[varied];
  const arms = ["base", ...own.flatMap((value) => [String(value), `base ${value}`])];
  cells[name] = {
    ...{
      log: SENSITIVITY_LOGS[Math.floor(index / HYPERPARAMETERS.length)],
      varied,
      parameters: {},
      runs: [],
    },
    summary: Object.fromEntries(arms.map((arm) => [arm, { "paper.ndcg@5": level(0.15) }])),
    tests: arms.slice(1).map((arm) => test(arm, "paper.ndcg@5")),
  };
}
const found = ((name: string) => cells[name] && { ...cells[name], ...about }) as Found;

it.each<[string, Target, number]>([
  ["figure 1", figure1, 2],
  ["figure 2", figure2, 3],
  ["figure 3", figure3, 1],
])(
  "%s: its page shows all its pictures, which are SVG with a title and numbers only",
  async (_, target, count) => {
    const { markdown, pictures } = await target.render(found, false);
    expect(Object.keys(pictures)).toHaveLength(count);
    expect(markdown).not.toMatch(/NaN|undefined|Infinity|\[object/);
    for (const [name, svg] of Object.entries(pictures)) {
      expect(markdown).toContain(`(reproduction/${name})`);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      const { document } = parseHTML(svg);
      expect(document.querySelector("svg > title")?.textContent).not.toBe("");
      expect(document.querySelectorAll("svg").length).toBe(1);
      expect(document.querySelectorAll("path, circle, rect").length).toBeGreaterThan(2);
    }
  },
);

it("shows nothing of what was not computed", async () => {
  for (const target of [figure1, figure2, figure3]) {
    expect((await target.render(() => undefined, false)).pictures).toEqual({});
  }
});
