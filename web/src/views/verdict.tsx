import {
  balanceSentence,
  baseName,
  botsSentence,
  burstsSentence,
  costText,
  denoisingSentence,
  effectText,
  relativeEffect,
  sharedSentence,
} from "../../../src/report/verdict-words.ts";
import type { Overview } from "../../../src/server/messages.ts";
import { diagnose, stopDiagnosing, useDiagnosis } from "../diagnosing.ts";
import { count, percent, plural } from "../format.ts";
import { Problem } from "../parts/problem.tsx";
import { Progress } from "../parts/progress.tsx";

type Diagnosis = NonNullable<Overview["diagnosis"]>;
type Effect = Diagnosis["userBalance"]["effect"];

/** What `prorec diagnose` says of the log, or a way to have it computed. */
export function Verdict({ overview }: { overview: Overview }) {
  const { going, found, error } = useDiagnosis();
  const diagnosis = found ?? overview.diagnosis;
  return (
    <section class="card verdict" aria-label="Does denoising help here?">
      <h2>Does denoising help here?</h2>
      {error !== undefined && <Problem error={error} />}
      {diagnosis !== null ? (
        <Found diagnosis={diagnosis} kind={overview.kind} />
      ) : going !== undefined ? (
        <>
          <p class="muted">Computing. The other views can be used meanwhile; closing this page stops it.</p>
          <Progress going={going} onCancel={stopDiagnosing} />
        </>
      ) : (
        <>
          <p class="muted">
            Not known yet: the flags alone don't say. The verdict estimates how many clicks are accidents, and
            tries on held-out clicks whether weighing them down helps a recommender, beside controls that
            can't denoise. It takes minutes of computing for 100,000 clicks
            {overview.interactions > 200_000 && ", on the clicks of random users, 200,000 of them"}.
          </p>
          <div class="buttons">
            <button type="button" class="button" onClick={diagnose}>
              Compute the verdict
            </button>
          </div>
        </>
      )}
    </section>
  );
}

function Found({ diagnosis, kind }: { diagnosis: Diagnosis; kind: Overview["kind"] }) {
  const { accidents, bases, bots, sharedAccounts, bursts, next, log } = diagnosis;
  const { estimate, low, high } = accidents;
  return (
    <>
      <p class="verdict-lead">{denoisingSentence(diagnosis)}</p>
      <p>{balanceSentence(diagnosis)}</p>
      <p class="small muted">
        About {percent(estimate)} of the clicks are accidental ({percent(low)} to {percent(high)}).
        {log.sampled !== null && ` From ${plural(log.sampled, "click")}: the whole rows of random users.`}{" "}
        Denoising is that of the calibrated mode, by these probabilities; the flags of this run are another
        method's.
      </p>
      <Effects diagnosis={diagnosis} />
      <div class="pair">
        <div>
          <h3>Base models, best first</h3>
          <ol class="ranking">
            {bases.slice(0, 5).map((base) => (
              <li key={baseName(base)}>
                <span>{baseName(base)}</span>
                <span class="muted small">
                  {base.againstBest ? effectText(base.againstBest) : (base.reason ?? "the best")}
                </span>
              </li>
            ))}
          </ol>
        </div>
        <div>
          <h3>What looks odd</h3>
          <Odd
            text={botsSentence(bots)}
            names={bots.users.map(({ user, clicks }) => [user, plural(clicks, "click")])}
          />
          <Odd
            text={sharedSentence(sharedAccounts)}
            names={sharedAccounts.users.map(({ user, clicks }) => [user, plural(clicks, "click")])}
          />
          <Odd
            text={
              bursts === null && kind === "run"
                ? "Bursts of items: not looked for, a run keeps no timestamps."
                : burstsSentence(bursts)
            }
            names={(bursts?.items ?? []).map(({ item, clicks, within }) => [
              item,
              `${count(within)} of ${plural(clicks, "click")}`,
            ])}
          />
        </div>
      </div>
      <p class="small">
        Next: <code>{["prorec", next.command, "LOG", ...next.options].join(" ")}</code>{" "}
        <span class="muted">with the options that the log is read with; about {costText(next)}</span>
      </p>
    </>
  );
}

const NAMED = 5;

function Odd({ text, names }: { text: string; names: readonly (readonly [string, string])[] }) {
  return (
    <>
      <p class="small">{text}</p>
      {names.length > 0 && (
        <ol class="ranking">
          {names.slice(0, NAMED).map(([name, what]) => (
            <li key={name}>
              <span class="cut">{name}</span>
              <span class="muted small">{what}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

/** Each change beside its control, with intervals drawn on one scale. */
function Effects({ diagnosis: { denoising, userBalance } }: { diagnosis: Diagnosis }) {
  const rows: [what: string, against: string, effect: Effect][] = [
    ...("effect" in denoising
      ? ([
          ["Denoising", "the log as it is", denoising.effect],
          ["Denoising", denoising.control, denoising.overControl],
        ] as [string, string, Effect][])
      : []),
    ["User balance", "the log as it is", userBalance.effect],
    ["User balance", userBalance.control, userBalance.overControl],
  ];
  const relative = rows.map(([, , effect]) => relativeEffect(effect));
  const lowest = Math.min(0, ...relative.map(({ low }) => low));
  const highest = Math.max(0.001, ...relative.map(({ high }) => high));
  const at = (value: number) => `${(100 * (value - lowest)) / (highest - lowest)}%`;
  return (
    <section class="scrolling" tabIndex={0} aria-label="Changes of NDCG">
      <table class="list effects">
        <thead>
          <tr>
            <th scope="col">Against</th>
            <th scope="col">NDCG, 95% interval</th>
            <th scope="col" class="wide" />
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([what, against, effect], index) => (
            <tr key={index}>
              <th scope="row">
                {what} <span class="muted">against {against}</span>
              </th>
              <td>{effectText(effect)}</td>
              <td class="wide">
                <span class={`interval is-${effect.verdict.replace(" ", "-")}`} aria-hidden="true">
                  <i
                    class="interval-line"
                    style={{
                      left: at(relative[index]!.low),
                      right: `calc(100% - ${at(relative[index]!.high)})`,
                    }}
                  />
                  <i class="interval-zero" style={{ left: at(0) }} />
                  <i class="interval-dot" style={{ left: at(relative[index]!.change) }} />
                </span>
              </td>
              <td>{effect.verdict}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
