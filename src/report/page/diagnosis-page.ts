import { LEAST_RATE } from "../../denoise/calibrated/joint-decoy.ts";
import type { Diagnosis } from "../../evaluate/diagnose/diagnose.ts";
import { METRICS } from "../../evaluate/metrics.ts";
import type { DataReport } from "../../io/log.ts";
import { decimals, percent } from "../table.ts";
import {
  balanceSentence,
  baseName,
  botsSentence,
  burstsSentence,
  costText,
  denoisingSentence,
  effectText,
  sharedSentence,
} from "../verdict-words.ts";
import {
  count,
  definitions,
  id,
  keyFigures,
  lastPart,
  paragraph,
  picture,
  section,
  table,
} from "./blocks.ts";
import { dataFigures } from "./denoise-page.ts";
import { type Effect, effectParts, range, ratePicture } from "./effect-pictures.ts";
import { type Html, html } from "./html.ts";
import { reportPage } from "./page.ts";
import { KEPT, MUTED, openPlots } from "./plots.ts";

type Plots = Awaited<ReturnType<typeof openPlots>>;

/** The report of a diagnosis as one HTML file. `log` is what messages call it, `command` the line to run next. */
export async function diagnosisPage(
  diagnosis: Diagnosis,
  about: {
    readonly log: string;
    readonly report: DataReport;
    readonly k: number;
    readonly seed: number;
    readonly command: string;
  },
): Promise<string> {
  const plots = await openPlots();
  const { bases, next } = diagnosis;
  const { k } = about;
  return reportPage({
    title: `What can be said of ${lastPart(about.log)}`,
    lead: denoisingSentence(diagnosis),
    sections: [
      section("The data", dataFigures(about.report), sampleNote(diagnosis)),
      section(
        "Denoising and user balance, each beside its best control",
        paragraph(balanceSentence(diagnosis)),
        paragraph(
          html`<span class="muted">Judged with ${baseName(bases[0]!)}, the base that ranks best here, on four cuts of the log into training and validation, beside the control that does best. User balance: n^-${decimals(diagnosis.userBalance.exponent, 2)} for each click of a user with n.</span>`,
        ),
        effectParts(effectsOf(diagnosis), `ndcg@${k}`, plots),
      ),
      section("Accidental clicks", accidents(diagnosis, plots)),
      section("Base models", baseParts(diagnosis, k, plots)),
      section("Users and items that look odd", oddParts(diagnosis)),
      section(
        "What to run next",
        html`<pre tabindex="0"><code>${about.command}</code></pre>`,
        paragraph(`It takes about ${costText(next)}.`),
      ),
      section(
        "How it was done",
        table(
          ["setting", "value"],
          [
            ["length of the rankings", String(k)],
            ["seed", String(about.seed)],
          ],
          [],
        ),
      ),
      section("What the names mean", definitions([...NAMES, [`ndcg@${k}`, METRICS.ndcg.definition]])),
    ],
  });
}

function sampleNote({ log: { sampled } }: Diagnosis): Html | undefined {
  if (sampled === null) return undefined;
  return paragraph(
    `What follows is from ${count(sampled)} of the interactions: the whole rows of random users. Bursts are looked for in all.`,
  );
}

function effectsOf({ denoising, userBalance }: Diagnosis): Effect[] {
  const asItIs = "the log as it is";
  return [
    ...("effect" in denoising
      ? ([
          ["denoising", asItIs, denoising.effect],
          ["denoising", denoising.control, denoising.overControl],
        ] as const)
      : []),
    ["user balance", asItIs, userBalance.effect],
    ["user balance", userBalance.control, userBalance.overControl],
  ];
}

function accidents({ accidents: rate }: Diagnosis, plots: Plots): Html {
  return html`${keyFigures([
    ["Estimated share", percent(rate.estimate)],
    ["95% interval", range(rate)],
  ])}${picture("The estimated share with its interval", ratePicture(rate, LEAST_RATE, plots))}${paragraph(
    html`<span class="muted">Clicks that go neither with the rest of their user's nor with what such users choose. A dislike, a gift or one of two people behind an account is no accident in this sense; on very sparse logs the estimate is less safe.</span>`,
  )}`;
}

function baseParts({ bases }: Diagnosis, k: number, { plot, draw }: Plots): Html {
  const fitted = bases
    .filter(({ ndcg }) => ndcg !== null)
    .map((base, row) => ({
      row: String(row),
      name: baseName(base),
      ndcg: base.ndcg!,
      colour: row === 0 ? KEPT : MUTED,
    }));
  const bars = draw({
    label: `ndcg@${k} of each base model`,
    height: 50 + 34 * fitted.length,
    marginLeft: 8,
    marginRight: 48,
    x: { label: null, ticks: 4, tickFormat: (value: number) => decimals(value, 2), grid: true },
    y: { axis: null, domain: fitted.map(({ row }) => row), padding: 0 },
    marks: [
      plot.barX(fitted, { y: "row", x: "ndcg", fill: "colour", insetTop: 19, insetBottom: 5 }),
      plot.text(fitted, {
        y: "row",
        text: "name",
        frameAnchor: "left",
        textAnchor: "start",
        dy: -7,
        fill: "currentColor",
        stroke: "var(--surface)",
        strokeWidth: 4,
      }),
      plot.text(fitted, {
        y: "row",
        x: "ndcg",
        text: ({ ndcg }) => decimals(ndcg),
        textAnchor: "start",
        dx: 5,
        dy: 7,
        fill: "currentColor",
      }),
    ],
  });
  return html`${picture(`ndcg@${k} on one cut, with ready-made settings`, bars, "prorec tune finds better ones. Changing the base often gains more than denoising does.")}
${table(
  ["base model", `ndcg@${k}`, "against the best (95% interval)"],
  bases.map((base) => [
    baseName(base),
    decimals(base.ndcg),
    base.againstBest ? effectText(base.againstBest) : base.reason ? `left out: ${base.reason}` : "the best",
  ]),
)}`;
}

function oddParts({ bots, sharedAccounts, bursts }: Diagnosis): Html {
  return html`${paragraph(botsSentence(bots))}
${listed(
  ["user", "clicks", "why"],
  bots.users.map(({ user, clicks, reason }) => [user, count(clicks), reason]),
  ["clicks"],
)}${paragraph(sharedSentence(sharedAccounts))}
${listed(
  ["user", "clicks"],
  sharedAccounts.users.map(({ user, clicks }) => [user, count(clicks)]),
)}${paragraph(burstsSentence(bursts))}
${listed(
  ["item", "clicks", "of them within the burst"],
  (bursts?.items ?? []).map(({ item, clicks, within }) => [item, count(clicks), count(within)]),
)}`;
}

/** A table of ids and what is said of them, if there are any. */
function listed(
  header: readonly string[],
  rows: readonly (readonly [string, ...string[]])[],
  numbers?: readonly string[],
): Html | undefined {
  if (rows.length === 0) return undefined;
  return table(
    header,
    rows.map(([name, ...rest]) => [id(name), ...rest]),
    numbers,
  );
}

const NAMES: readonly [string, string][] = [
  [
    "accidental",
    "A click that looks like made-up ones: decoys are put into the log, and what observed clicks look like them, beyond what their number explains, is the estimate.",
  ],
  [
    "denoising",
    "Here the calibrated mode: each click weighs 1 less its probability of being accidental, at mean 1.",
  ],
  ["user balance", "Each click of a user with n clicks weighs n to a power below 0. It denoises nothing."],
  [
    "control",
    "Something that can't know which clicks are accidents: as many clicks removed at random, or the same weights dealt out at random. A gain that a control has too is not denoising's.",
  ],
  ["helps", "Better than the log as it is and than the best control, each with p < .01 in a paired t test."],
  ["hurts", "Worse than the log as it is, with p < .01."],
  ["no evidence", "Neither. It doesn't say that there is no effect; the interval says how large one may be."],
  ["t", "The mean of the users' differences in standard errors."],
  ["heuristic", "A rule of thumb without a known rate of errors: look before you act on it."],
];
