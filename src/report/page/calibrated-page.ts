import type { Calibrated } from "../../denoise/calibrated/calibrated.ts";
import { LEAST_RATE } from "../../denoise/calibrated/joint-decoy.ts";
import { flaggedClicks } from "../../denoise/calibrated/reasons.ts";
import { flaggedOf } from "../../denoise/evidence.ts";
import type { Gate } from "../../evaluate/gate.ts";
import type { DataReport } from "../../io/log.ts";
import type { Recommender } from "../../models/recommender.ts";
import { breathing, type RunOptions } from "../../progress.ts";
import { calibratedVerdict } from "../calibrated-verdict.ts";
import { decimals, percent } from "../table.ts";
import { settingsWords } from "../verdict-words.ts";
import { count, definitions, keyFigures, lastPart, paragraph, picture, section, table } from "./blocks.ts";
import { dataFigures, examples } from "./denoise-page.ts";
import { type Effect, effectParts, range, ratePicture } from "./effect-pictures.ts";
import { type Html, html } from "./html.ts";
import { reportPage } from "./page.ts";
import { openPlots } from "./plots.ts";
import { probabilitiesOf } from "./probabilities.ts";
import { probabilityPictures } from "./probability-pictures.ts";

/** Flagged clicks shown with their evidence. */
const EXAMPLES = 20;

interface About {
  /** What messages call the log. */
  readonly log: string;
  readonly report: DataReport;
  readonly mode: "calibrated" | "auto";
  readonly seed: number;
  /** Whether the log got weights and flags; otherwise the page says what would have been flagged. */
  readonly applied: boolean;
  /** Where it decided. */
  readonly gate: Gate | null;
  /** What the gate fitted, or would fit. */
  readonly model: Pick<Recommender, "name" | "parameters">;
}

/** The report of a denoise in calibrated mode, or in auto mode, as one HTML file. */
export async function calibratedPage(
  found: Calibrated,
  about: About,
  { signal }: RunOptions = {},
): Promise<string> {
  const plots = await openPlots();
  const { input, fdr, flaggedCount } = found;
  const { applied, gate } = about;
  const probabilities = await breathing(probabilitiesOf(found), signal);
  const flagged = await breathing(flaggedOf(found), signal);
  const worst = flaggedClicks(found, { ...flagged, order: flagged.order.subarray(0, EXAMPLES) });
  const flags = [...worst];
  const would = applied ? "flagged" : "would be flagged";
  return reportPage({
    title: `Accidental clicks in ${lastPart(about.log)}`,
    lead: calibratedVerdict(applied ? found : found.unapplied(), gate),
    sections: [
      section("The data", dataFigures(about.report)),
      section("How many are accidental", rateParts(found, about, plots)),
      section("Does it help?", ...(gate ? gateParts(gate, about, plots) : [notJudged(found, about)])),
      section(
        "Click by click",
        probabilityPictures(
          probabilities,
          { flaggedShare: flaggedCount / input.size, fdr, legend: would },
          plots,
        ),
      ),
      section(
        flags.length === 0
          ? "Nothing was flagged"
          : `The ${count(flags.length)} most suspicious${applied ? "" : ", left as they are"}`,
        flags.length === 0
          ? paragraph(
              found.found
                ? "No set of clicks is sure enough for the false-discovery rate asked for."
                : "Too few clicks look accidental to name any.",
            )
          : examples(flags),
      ),
      section("How it was done", settingsTable(found, about)),
      section("What the names mean", definitions(NAMES)),
    ],
  });
}

function rateParts(
  found: Calibrated,
  { applied }: About,
  plots: Awaited<ReturnType<typeof openPlots>>,
): Html {
  const { accidents, flaggedCount, input, fdr } = found;
  const { rate } = accidents;
  const flags = `${count(flaggedCount)} (${percent(flaggedCount / input.size)})`;
  return html`${keyFigures([
    ["Estimated share", percent(rate.estimate)],
    ["95% interval", range(rate)],
    [applied || !found.found ? "Flagged" : "Would be flagged", flags],
    ...(flaggedCount > 0 ? [["Of them false, expected", `up to ${percent(fdr)}`] as const] : []),
  ])}${picture("The estimated share with its interval", ratePicture(rate, LEAST_RATE, plots))}${paragraph(
    html`<span class="muted">Clicks that go neither with the rest of their user's nor with what such users choose. A dislike, a gift or one of two people behind an account is no accident in this sense; on very sparse logs the estimate is less safe.</span>`,
  )}`;
}

function gateParts(gate: Gate, { model }: About, plots: Awaited<ReturnType<typeof openPlots>>): Html[] {
  const { denoising, randomRemoval, overRandomRemoval, overShuffled, userBalance } = gate;
  const asItIs = "the log as it is";
  const effects: Effect[] = [
    ["denoising", asItIs, denoising],
    ["denoising", "as many clicks removed at random", overRandomRemoval],
    ["denoising", "its weights dealt out at random", overShuffled],
    ["removal at random", asItIs, randomRemoval],
    ["user balance", asItIs, userBalance],
    ["user balance", "its weights dealt to random users", userBalance.overShuffled],
  ];
  const rates = gate.rates.map(percent).join(", ");
  return [
    paragraph(
      html`<span class="muted">${settingsWords(model.name, model.parameters)}, fitted on four cuts of the log into training and validation, accidents looked for inside each training part (${rates}). As the log is: NDCG ${decimals(gate.base)}. User balance: n^-${decimals(userBalance.exponent, 2)} for each click of a user with n.</span>`,
    ),
    effectParts(effects, "NDCG", plots),
  ];
}

function notJudged({ found }: Calibrated, { mode }: About): Html {
  if (!found) return paragraph("Not asked: there is too little to remove.");
  return paragraph(
    `Not asked: --mode ${mode} applies what it finds. --mode auto asks first, with your model, and prorec diagnose asks with the base model that suits the log.`,
  );
}

function settingsTable({ fdr, cautious, accidents }: Calibrated, { mode, seed, gate, model }: About): Html {
  const lowered = cautious.some((value, entry) => value < accidents.probability[entry]!);
  const rows: [string, string][] = [
    ["mode", mode],
    [
      "false-discovery rate asked for",
      `${percent(fdr)}${lowered ? ", at a rate one standard error below the estimate: the log is short" : ""}`,
    ],
    ...(gate ? ([["judged with", settingsWords(model.name, model.parameters)]] as [string, string][]) : []),
    ["seed", String(seed)],
  ];
  return table(["setting", "value"], rows, []);
}

const NAMES: readonly [string, string][] = [
  [
    "accidental",
    "A click that looks like made-up ones: decoys are put into the log, and what observed clicks look like them, beyond what their number explains, is the estimate.",
  ],
  ["probability", "That the click is accidental; over many clicks their mean is the share that is."],
  ["interval", "95%, from estimates made without one fifth of the users each."],
  [
    "false-discovery rate",
    "The expected share of clicks among the flagged that are no accidents: the mean of 1 - probability over them.",
  ],
  ["flagged", "The most suspicious clicks, as many as the false-discovery rate allows (column noise = 1)."],
  ["weight", "1 - probability, at mean 1: what the click counts from now on."],
  ["match", "By rank: the share of the log's clicks that fit less well."],
  ["nearest kept", "The user's kept items with the largest cosine to this one, between item factors."],
  ["NDCG", "On validation rows, a discounted count of hits in the ranking as a share of the best possible."],
  ["user balance", "Each click of a user with n clicks weighs n to a power below 0. It denoises nothing."],
  [
    "control",
    "Something that can't know which clicks are accidents: as many removed at random, or the same weights dealt out at random. A gain that a control has too is not denoising's.",
  ],
  ["helps, hurts", "The mean of the users' differences is more than two standard errors from zero (t)."],
];
