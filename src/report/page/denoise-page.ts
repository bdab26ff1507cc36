import type { Denoised } from "../../denoise/denoised.ts";
import { type Flag, flaggedInteractions } from "../../denoise/evidence.ts";
import { thresholdName } from "../../denoise/summary.ts";
import type { DataReport } from "../../io/log.ts";
import { breathing, type RunOptions } from "../../progress.ts";
import { decimals, percent } from "../table.ts";
import { count, definitions, id, keyFigures, lastPart, paragraph, section, table } from "./blocks.ts";
import { distributionPictures } from "./distribution-pictures.ts";
import { distributionsOf } from "./distributions.ts";
import { type Html, html } from "./html.ts";
import { reportPage } from "./page.ts";
import { openPlots } from "./plots.ts";
import { thresholdPictures } from "./threshold-pictures.ts";

/** Flagged interactions shown with their evidence. */
const EXAMPLES = 20;

/** The report of a denoise in paper mode as one HTML file. `log` is what messages call it. */
export async function denoisePage(
  denoised: Denoised,
  { log, report, seed }: { readonly log: string; readonly report: DataReport; readonly seed: number },
  { signal }: RunOptions = {},
): Promise<string> {
  const plots = await openPlots();
  const distributions = await breathing(distributionsOf(denoised), signal);
  const { flaggedCount, input } = denoised;
  const flags = [...flaggedInteractions(denoised, EXAMPLES)];
  return reportPage({
    title: `What was found in ${lastPart(log)}`,
    lead: html`${count(flaggedCount)} of ${count(input.size)} interactions (${percent(flaggedCount / input.size)}) lie below their user's threshold.`,
    sections: [
      section("The data", dataFigures(report), meanFigures(denoised)),
      section("Matches", distributionPictures(distributions, plots)),
      section(
        "Where a row is split",
        paragraph(
          "Each picture is a user's row of the transport plan, sorted: a dot is one of the user's own items, at its rank among all items. ",
          "Items right of kappa match worse than the threshold and are flagged.",
        ),
        thresholdPictures(denoised, plots),
      ),
      section(
        flags.length === 0 ? "Nothing was flagged" : `The ${count(flags.length)} that match worst`,
        examples(flags),
      ),
      section("How it was done", settingsTable(denoised, seed)),
      section("What the names mean", definitions(NAMES)),
    ],
  });
}

/** What was read, also where rows were left out. */
export function dataFigures({
  rows,
  users,
  items,
  interactions,
  duplicates,
  dropped,
  ratings,
}: DataReport): Html {
  return keyFigures([
    ["Rows", count(rows)],
    ["Users", count(users)],
    ["Items", count(items)],
    ["Interactions", count(interactions)],
    ["Repeated rows merged", count(duplicates)],
    ...dropped.map(({ reason, rows }) => [`Rows ${reason}`, count(rows)] as const),
    ...(ratings ? [["Ratings", `${ratings.lowest} to ${ratings.highest}`] as const] : []),
  ]);
}

function meanFigures({ input, weights }: Denoised): Html {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const filled = input.size / (input.users.size * input.items.size);
  return paragraph(
    html`<span class="muted">${percent(filled)} of the pairs of a user and an item are interactions, ${decimals(input.size / input.users.size, 1)} a user and ${decimals(input.size / input.items.size, 1)} an item. The mean of the new weights is ${decimals(mean, 3)}.</span>`,
  );
}

/** Flagged interactions and why. */
export function examples(flags: readonly Flag[]): Html {
  return html`<ol class="examples">${flags.map(
    ({
      user,
      item,
      evidence,
    }) => html`<li><span class="muted">user</span> ${id(user)} <span class="muted">item</span> ${id(item)}<p>${evidence.reason}</p></li>
`,
  )}</ol>`;
}

function settingsTable({ model, settings, matching }: Denoised, seed: number): Html {
  const { gamma, beta, lambda, iterations, transport, marginals, threshold } = settings;
  const parameters = Object.entries(model?.parameters ?? {}).map(([name, value]) => `${name} ${value}`);
  const { method, error } = matching.certificate;
  const rows: [string, string][] = [
    ["model", model ? `${model.name}: ${parameters.join(", ")}` : "embeddings that were given"],
    [
      "transport",
      `${transport}, ${marginals} marginals, gamma ${gamma}, mass of the plan ${decimals(matching.planMass, 3)}`,
    ],
    ["threshold", thresholdName(threshold)],
    ["weights", `beta ${beta}, lambda ${lambda}, rounds ${iterations}`],
    [
      "sums over items",
      method === "exact" ? "exact" : `${method}, off by at most ${error.toPrecision(2)} of each`,
    ],
    ["seed, engine", `${seed}, ${matching.engine}`],
  ];
  return table(["setting", "value"], rows, []);
}

const NAMES: readonly [string, string][] = [
  ["match", "rho: the item's share of the user's row of the transport plan."],
  ["rank", "1 + the number of items, seen or not, that match the user better."],
  [
    "kappa",
    "How many items lie above the user's threshold: where the sorted row splits best in two (Eq. 20).",
  ],
  ["threshold", "theta: the match of the user's kappa-th item (Eq. 21)."],
  [
    "flagged",
    "The match is below the threshold. In the paper's mode most interactions may be: margin and rank say more.",
  ],
  ["margin", "match / threshold, below 1 for what is flagged."],
  ["relevance", "r = 1 / (1 + exp(-beta (match - threshold))): .5 at the threshold (Eq. 22)."],
  [
    "weight",
    "lambda + (1 - lambda) relevance: what the interaction counts from now on, as a factor of what it counted (Eq. 23).",
  ],
  ["popularity", "How many users have the item."],
  [
    "nearest kept",
    "The user's kept items with the largest cosine to this one, between the model's item factors.",
  ],
];
