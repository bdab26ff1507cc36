// docs/transports.md: every solver on one small example. Draws docs/transports/*.svg, fills in the page's tables, and
// fails where the example contradicts what the page says that a solver guarantees.
//   npm run setup && node scripts/draw-transports.mjs
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  emd,
  fixedMass,
  interactionsFromPairs,
  itemSide,
  relaxed,
  sinkhorn,
  transport,
  unbalanced,
  userSide,
} from "../dist/index.js";
import { decimals, markdownTable, percent } from "../dist/report/table.js";
import { popularityMarginals } from "../dist/transport/marginals.js";

/** From calm, 0, to loud, 1. */
const USERS = { Ada: 0.1, Ben: 0.3, Cleo: 0.6, Dan: 0.9 };
const ITEMS = { lullaby: 0, folk: 0.2, pop: 0.4, rock: 0.7, punk: 0.85, metal: 1 };
const ACCIDENT = ["Ada", "metal"];
const CLICKS = [
  ["Ada", "lullaby"],
  ["Ada", "folk"],
  ["Ben", "lullaby"],
  ["Ben", "folk"],
  ["Ben", "pop"],
  ["Cleo", "pop"],
  ["Cleo", "rock"],
  ["Cleo", "punk"],
  ["Dan", "pop"],
  ["Dan", "rock"],
  ["Dan", "punk"],
  ["Dan", "metal"],
  ACCIDENT,
];
const SHARP = 0.02;
const BLURRED = 0.2;
const MASS = 0.8;
const PENALTY = 0.05;
const SOLVERS = {
  emd: emd(),
  "sinkhorn, gamma .02": sinkhorn({ gamma: SHARP }),
  "sinkhorn, gamma .2": sinkhorn({ gamma: BLURRED }),
  userSide: userSide({ gamma: SHARP }),
  itemSide: itemSide({ gamma: SHARP }),
  relaxed: relaxed({ gamma: SHARP }),
  fixedMass: fixedMass({ mass: MASS }),
  unbalanced: unbalanced({ gamma: SHARP, marginalPenalty: PENALTY }),
};

const log = interactionsFromPairs(CLICKS);
const users = [...log.users];
const items = [...log.items];
const { users: q, items: p } = popularityMarginals(log.matrix);
const costs = users.flatMap((user) => items.map((item) => (USERS[user] - ITEMS[item]) ** 2));
const cost = { cost: Float64Array.from(costs), rows: users.length, columns: items.length };

const results = {};
for (const [name, solver] of Object.entries(SOLVERS)) {
  const result = await transport(cost, { users: q, items: p }, solver, { engine: "simd128" });
  const plan = result.plan.dense();
  results[name] = { ...result, plan, rowSums: rowSums(plan), columnSums: columnSums(plan) };
}
checkGuarantees();

const folder = new URL("../docs/transports/", import.meta.url);
mkdirSync(folder, { recursive: true });
write("costs", {
  title: "the costs",
  about: "and what users give, items take (%)",
  cells: costs,
  shown: (value) => decimals(value, 2),
  rows: q,
  columns: p,
});
for (const [name, { plan, mass, cost, rowSums, columnSums }] of Object.entries(results)) {
  write(fileOf(name), {
    title: name,
    about: `mass ${decimals(mass, 3)}, cost ${decimals(cost)}`,
    cells: plan.map((value) => value * 100),
    shown: (value) => (value < 0.05 ? "" : decimals(value, 1)),
    rows: rowSums,
    columns: columnSums,
  });
}
fillIn({
  totals: totals(),
  users: sums("rowSums", users, q),
  items: sums("columnSums", items, p),
  accident: shares(),
});

function rowSums(plan) {
  return users.map((_, user) => sum(plan.subarray(user * items.length, (user + 1) * items.length)));
}

function columnSums(plan) {
  return items.map((_, item) => sum(plan.filter((_, at) => at % items.length === item)));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** What docs/transports.md says of every solver, on this example. */
function checkGuarantees() {
  const { emd, userSide, itemSide, relaxed, fixedMass, unbalanced } = results;
  const least = emd.cost;
  const near = (values, goal, error) => values.every((value, at) => Math.abs(value - goal[at]) <= error);
  const { users: f, items: g } = emd.potentials;
  assert.equal(emd.status, "optimal");
  assert.ok(near(emd.rowSums, q, 1e-12) && near(emd.columnSums, p, 1e-12) && emd.gap < 1e-12);
  assert.ok(emd.plan.filter((mass) => mass > 0).length < users.length + items.length);
  assert.ok(
    costs.every((value, at) => f[Math.floor(at / items.length)] + g[at % items.length] <= value + 1e-15),
  );
  for (const gamma of [SHARP, BLURRED]) {
    const { plan, status, marginalError, cost } =
      results[`sinkhorn, gamma ${decimals(gamma, 2).replace(/0$/, "")}`];
    assert.ok(status === "converged" && marginalError <= 1e-9 && plan.every((mass) => mass > 0));
    assert.ok(cost >= least - 1e-9 && cost - least <= gamma * Math.min(entropy(p), entropy(q)));
  }
  const sharp = results["sinkhorn, gamma .02"];
  assert.ok(near(userSide.rowSums, q, 1e-6) && !near(userSide.columnSums, p, 0.01));
  assert.ok(near(itemSide.columnSums, p, 1e-6) && !near(itemSide.rowSums, q, 0.01));
  for (const side of [userSide, itemSide]) {
    assert.ok(entropic(side.plan, SHARP) <= entropic(sharp.plan, SHARP));
  }
  const larger = userSide.plan.map((mass, at) => Math.max(mass, itemSide.plan[at]));
  assert.ok(near(relaxed.plan, larger, 1e-6) && relaxed.mass > 1.01 && relaxed.mass < 2);
  assert.ok(relaxed.rowSums.every((value, at) => value >= q[at] - 1e-6));
  assert.ok(relaxed.columnSums.every((value, at) => value >= p[at] - 1e-6));
  assert.ok(
    fixedMass.status === "optimal" && fixedMass.gap < 1e-12 && Math.abs(fixedMass.mass - MASS) < 1e-12,
  );
  assert.ok(fixedMass.rowSums.every((value, at) => value <= q[at] + 1e-12));
  assert.ok(fixedMass.columnSums.every((value, at) => value <= p[at] + 1e-12));
  assert.equal(unbalanced.status, "converged");
  for (const other of Object.values(results)) assert.ok(penalised(unbalanced) <= penalised(other) + 1e-9);
}

function entropy(shares) {
  return -sum(shares.map((share) => share * Math.log(share)));
}

/** What Eq. 4 makes least. */
function entropic(plan, gamma) {
  const values = plan.map(
    (mass, at) => mass * costs[at] + (mass > 0 ? gamma * mass * (Math.log(mass) - 1) : 0),
  );
  return sum(values);
}

/** What `unbalanced` makes least. */
function penalised({ plan, rowSums, columnSums }) {
  const product = plan.map((_, at) => q[Math.floor(at / items.length)] * p[at % items.length]);
  const missed = divergence(rowSums, q) + divergence(columnSums, p);
  return sum(plan.map((mass, at) => mass * costs[at])) + SHARP * divergence(plan, product) + PENALTY * missed;
}

function divergence(values, goal) {
  return sum(
    [...values].map((value, at) => (value > 0 ? value * Math.log(value / goal[at]) : 0) - value + goal[at]),
  );
}

function totals() {
  const rows = Object.entries(results).map(
    ([name, { status, mass, cost, rowSums, columnSums, plan, gap }]) => [
      name,
      status,
      decimals(mass, 3),
      decimals(cost),
      off(rowSums, q),
      off(columnSums, p),
      String(plan.filter((value) => value > 0).length),
      gap === undefined ? "" : gap < 1e-12 ? "< 1e-12" : gap.toPrecision(2),
    ],
  );
  const header = [
    "solver",
    "status",
    "mass",
    "cost",
    "users' sums off",
    "items' sums off",
    "pairs with mass",
    "gap",
  ];
  return markdownTable(header, rows);
}

function off(sums, goal) {
  const missed = sum(sums.map((value, at) => Math.abs(value - goal[at])));
  return missed < 1e-6 ? "< 1e-6" : decimals(missed, 3);
}

function sums(kind, names, goal) {
  const inPercent = (values) => [...values].map((value) => decimals(value * 100, 1));
  const rows = Object.entries(results).map(([name, result]) => [name, ...inPercent(result[kind])]);
  return markdownTable(["%", ...names], [["marginal", ...inPercent(goal)], ...rows]);
}

/** What `denoise` goes by: each click's share of its user's row. */
function shares() {
  const [user, item] = [users.indexOf(ACCIDENT[0]), items.indexOf(ACCIDENT[1])];
  const own = CLICKS.filter(([name]) => name === ACCIDENT[0]).map(([, name]) => items.indexOf(name));
  const rows = Object.entries(results).map(([name, { plan, rowSums }]) => [
    name,
    ...own.map((each) => {
      const share = plan[user * items.length + each] / rowSums[user];
      return share > 0 && share < 5e-4 ? "< .1%" : percent(share);
    }),
  ]);
  assert.equal(own.at(-1), item);
  return markdownTable([`of ${ACCIDENT[0]}'s row`, ...own.map((each) => items[each])], rows);
}

/** Puts each table between its marks on the page. */
function fillIn(tables) {
  const page = new URL("../docs/transports.md", import.meta.url);
  let text = readFileSync(page, "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const marked = new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, "s");
    assert.match(text, marked);
    text = text.replace(marked, (_, start, end) => `${start}\n${table}\n${end}`);
  }
  writeFileSync(page, text);
}

function fileOf(name) {
  return name.replace(/, gamma \./, "-");
}

function write(name, picture) {
  writeFileSync(new URL(`${name}.svg`, folder), drawn(picture));
}

/** A matrix with its row sums to the right and its column sums below; a line marks each marginal, a dot each click. */
function drawn({ title, about, cells, shown, rows, columns }) {
  const [left, top, width, height] = [42, 72, 39, 34];
  const [right, bottom] = [left + items.length * width, top + users.length * height];
  const [reach, most] = [44, 0.35];
  const x = (item) => left + item * width;
  const y = (user) => top + user * height;
  const peak = Math.max(...cells);
  const parts = [
    text(8, 22, title, 'class="title"'),
    text(8, 42, about),
    ...items.map((item, at) => text(x(at) + width / 2, top - 8, item, 'class="small" text-anchor="middle"')),
    ...users.map((user, at) =>
      text(left - 6, y(at) + height / 2 + 4, user, 'class="small" text-anchor="end"'),
    ),
  ];
  for (const [at, value] of cells.entries()) {
    const [item, user] = [at % items.length, Math.floor(at / items.length)];
    const opacity = decimals((0.6 * value) / peak, 3);
    parts.push(
      `<rect x="${x(item) + 1}" y="${y(user) + 1}" width="${width - 2}" height="${height - 2}" class="cell"/>`,
      `<rect x="${x(item) + 1}" y="${y(user) + 1}" width="${width - 2}" height="${height - 2}" class="mass" opacity="${opacity}"/>`,
      text(x(item) + width / 2, y(user) + height / 2 + 7, shown(value), 'text-anchor="middle"'),
    );
  }
  for (const [user, item] of CLICKS) {
    parts.push(
      `<circle cx="${x(items.indexOf(item)) + width - 6}" cy="${y(users.indexOf(user)) + 6}" r="2.2"/>`,
    );
  }
  for (const [user, value] of rows.entries()) {
    const middle = y(user) + height / 2;
    const mark = right + 6 + (q[user] / most) * reach;
    parts.push(
      `<rect x="${right + 6}" y="${middle - 6}" width="${length(value)}" height="12" class="${kind(value, q[user])}"/>`,
      `<path d="M${mark.toFixed(1)} ${middle - 10}v20"/>`,
      text(right + 56, middle + 4, decimals(value * 100, 1), 'class="small"'),
    );
  }
  for (const [item, value] of columns.entries()) {
    const middle = x(item) + width / 2;
    const mark = bottom + 6 + (p[item] / most) * reach;
    parts.push(
      `<rect x="${middle - 6}" y="${bottom + 6}" width="12" height="${length(value)}" class="${kind(value, p[item])}"/>`,
      `<path d="M${middle - 10} ${mark.toFixed(1)}h20"/>`,
      text(middle, bottom + 54, decimals(value * 100, 1), 'class="small" text-anchor="middle"'),
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="360" height="272" viewBox="0 0 360 272" role="img" class="plan">
<title>${title}: ${about}</title>
<style>
.plan { background: #fff; color: #1f2328; font: 13px system-ui, sans-serif; fill: currentColor }
.plan .title { font-size: 16px; font-weight: 600 }
.plan .small { font-size: 11.5px }
.plan .cell { fill: none; stroke: currentColor; stroke-opacity: .2 }
.plan .mass, .plan .met { fill: #4c8eda }
.plan .missed { fill: #e08a2e }
.plan path { stroke: currentColor; stroke-width: 2 }
@media (prefers-color-scheme: dark) { .plan { background: #0d1117; color: #e6edf3 } }
</style>
${parts.filter(Boolean).join("\n")}
</svg>
`;

  function length(value) {
    return ((value / most) * reach).toFixed(1);
  }

  function kind(value, goal) {
    return Math.abs(value - goal) < 5e-4 ? "met" : "missed";
  }
}

function text(x, y, words, attributes = "") {
  return words && `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${words}</text>`;
}
