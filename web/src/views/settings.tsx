import { useRef, useState } from "preact/hooks";
import type { Comparison, ComparisonRequest, Histogram, Overview } from "../../../src/server/messages.ts";
import { work } from "../api.ts";
import { count, number, percent } from "../format.ts";
import { Problem } from "../parts/problem.tsx";
import { type Going, Progress } from "../parts/progress.tsx";

const TRANSPORTS = ["relaxed", "item-side", "user-side", "sinkhorn", "emd", "fixed-mass", "unbalanced"];
const NUMBERS = [
  ["gamma", "γ, entropy", "Larger spreads each user's mass over more items"],
  ["beta", "β, steepness", "Larger moves weights further from the middle"],
  ["lambda", "λ, what stays", "1 leaves every weight as it was"],
] as const;

/** One round with other settings beside the run's. */
export function SettingsView({ overview }: { overview: Overview }) {
  const { figures, models, scores, interactions, flagged, margins } = overview;
  const [form, setForm] = useState<Record<string, string>>({
    gamma: String(figures.gamma),
    beta: String(figures.beta),
    lambda: String(figures.lambda),
    transport: figures.transport,
    model: scores ? "" : (models[0] ?? ""),
  });
  const [made, setMade] = useState<readonly Comparison[]>([]);
  const [going, setGoing] = useState<Going>();
  const [error, setError] = useState<Error>();
  const control = useRef<AbortController>(undefined);
  const set = (name: string) => (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement;
    setForm((before) => ({ ...before, [name]: value }));
  };

  const compute = async (event: Event) => {
    event.preventDefault();
    control.current = new AbortController();
    setError(undefined);
    setGoing({ stage: "start", done: 0, total: 1 });
    const request: ComparisonRequest = {
      gamma: Number(form.gamma),
      beta: Number(form.beta),
      lambda: Number(form.lambda),
      transport: form.transport!,
      model: form.model || null,
    };
    try {
      const result = await work<Comparison>("compare", request, setGoing, control.current.signal);
      setMade((before) => [...before, result]);
    } catch (problem) {
      if (!control.current.signal.aborted) setError(problem as Error);
    }
    setGoing(undefined);
  };

  return (
    <div class="stack">
      <section class="lead">
        <h1>Settings compared</h1>
        <p class="muted">
          One round with other settings, on the run's own scores or on another model's. Nothing of the run
          changes.
        </p>
      </section>
      <form class="card settings" onSubmit={compute}>
        <div class="fields">
          {NUMBERS.map(([name, label, what]) => (
            <label key={name}>
              <span>{label}</span>
              <input
                class="field"
                type="number"
                step="any"
                min={name === "lambda" ? 0 : "1e-9"}
                max={name === "lambda" ? 1 : undefined}
                required
                value={form[name]}
                onInput={set(name)}
              />
              <span class="small muted">{what}</span>
            </label>
          ))}
          <label>
            <span>Transport</span>
            <select class="field" value={form.transport} onChange={set("transport")}>
              {TRANSPORTS.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <span class="small muted">emd and fixed-mass need all pairs in memory</span>
          </label>
          <label>
            <span>Model</span>
            <select class="field" value={form.model} onChange={set("model")}>
              {scores && <option value="">the run's scores</option>}
              {models.map((name) => (
                <option key={name} value={name}>
                  {name}, fitted anew
                </option>
              ))}
            </select>
            <span class="small muted">
              {models.length === 0 ? "others take too long here" : "others with their defaults"}
            </span>
          </label>
        </div>
        {error !== undefined && <Problem error={error} />}
        {going === undefined ? (
          <div class="buttons">
            <button type="submit" class="button button-main">
              Compute
            </button>
          </div>
        ) : (
          <Progress going={going} onCancel={() => control.current?.abort()} />
        )}
      </form>
      <section class="card">
        <h2>Results</h2>
        <section class="scrolling" tabIndex={0} aria-label="Results">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">Settings</th>
                <th scope="col" class="numeric">
                  Flagged
                </th>
                <th scope="col" class="numeric">
                  Newly flagged
                </th>
                <th scope="col" class="numeric">
                  Newly kept
                </th>
                <th scope="col" class="numeric">
                  Mean weight
                </th>
                <th scope="col" class="numeric">
                  Plan's mass
                </th>
                <th scope="col">Match ÷ threshold</th>
                <th scope="col" class="numeric">
                  Seconds
                </th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">
                  This run{" "}
                  <span class="muted small">{settingsText({ ...figures, model: figures.model })}</span>
                </th>
                <td class="numeric">{percent(flagged / interactions)}</td>
                <td class="numeric">–</td>
                <td class="numeric">–</td>
                <td class="numeric">{number(overview.meanWeight)}</td>
                <td class="numeric">{number(figures.planMass)}</td>
                <td>
                  <Spark histogram={margins} />
                </td>
                <td class="numeric">{(figures.seconds.fit + figures.seconds.transport).toFixed(1)}</td>
              </tr>
              {made.map((each, index) => (
                <tr key={index}>
                  <th scope="row">{settingsText(each)}</th>
                  <td class="numeric">{percent(each.flagged / interactions)}</td>
                  <td class="numeric">{count(each.newlyFlagged)}</td>
                  <td class="numeric">{count(each.newlyKept)}</td>
                  <td class="numeric">{number(each.meanWeight)}</td>
                  <td class="numeric">{number(each.planMass)}</td>
                  <td>
                    <Spark histogram={each.margins} />
                  </td>
                  <td class="numeric">{each.seconds.toFixed(1)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </section>
    </div>
  );
}

function settingsText(request: Omit<ComparisonRequest, "model"> & { model: string | null }): string {
  const { gamma, beta, lambda, transport, model } = request;
  return `γ ${number(gamma)}, β ${number(beta)}, λ ${number(lambda)}, ${transport}, ${model ?? "the run's scores"}`;
}

function Spark({ histogram: { kept, flagged } }: { histogram: Histogram }) {
  const most = Math.max(1, ...kept.map((value, bin) => value + flagged[bin]!));
  return (
    <span class="spark" aria-hidden="true">
      {kept.map((value, bin) => (
        <i
          key={bin}
          class={value > 0 ? "bar-kept" : flagged[bin]! > 0 ? "bar-flagged" : ""}
          style={{ height: `${(100 * (value + flagged[bin]!)) / most}%` }}
        />
      ))}
    </span>
  );
}
