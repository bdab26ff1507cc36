import type { Overview, Tally } from "../../../src/server/messages.ts";
import { count, number, percent, plural } from "../format.ts";
import { link } from "../hooks.ts";
import { Bars, Legend } from "../parts/bars.tsx";
import { Verdict } from "./verdict.tsx";

export function OverviewView({ overview }: { overview: Overview }) {
  const { users, items, interactions, flagged, margins, byUser, byItem, decisions } = overview;
  const share = flagged / interactions;
  return (
    <div class="stack">
      <section class="lead">
        <h1>
          {percent(share)} of the {plural(interactions, "click")} lie below their user's threshold
        </h1>
        <p class="muted lead-text">
          Every user's items are sorted by how well they match; an optimal split keeps the best and flags the
          rest.
          {share > 0.5
            ? " That most clicks are flagged is usual for this method: read the flags as an order, worst first, not as a count of accidents."
            : " Read the flags as an order, worst first: they are not proven accidents."}{" "}
          <a href={link("rows")}>Look at the flagged clicks</a>
        </p>
      </section>

      <dl class="tiles">
        <Tile name="Users" value={count(users)} />
        <Tile name="Items" value={count(items)} />
        <Tile name="Clicks" value={count(interactions)} />
        <Tile name="Flagged" value={count(flagged)} />
        <Tile name="Decided by hand" value={count(decisions.keep + decisions.remove)} />
      </dl>

      <Verdict overview={overview} />

      <section class="card">
        <div class="card-head">
          <h2>How well the clicks match</h2>
          <Legend />
        </div>
        <Bars
          label="Clicks by their match, as a multiple of the user's threshold"
          histogram={margins}
          range={(low, high) => `${multiple(low)} to ${multiple(high)} of the threshold`}
          ticks={[0, 4, 8, 12, 16, 20, 24].map((at) => ({
            at,
            text: at === 16 ? "threshold" : multiple((at - 16) / 4),
          }))}
          caption="Match of each click as a multiple of its user's threshold, in steps of 1.8×. Both ends take all beyond."
        />
      </section>

      <div class="pair">
        <section class="card">
          <h2>Flagged, by how active the user is</h2>
          <Bars
            shares
            label="Flagged clicks by their user's number of clicks"
            histogram={byUser}
            range={(low, high) => `users with ${low} to ${high - 1} clicks`}
            ticks={powers(byUser.kept.length)}
            caption="Share flagged. Clicks of the user, doubling from bar to bar."
          />
          <Worst
            title="Users with the largest share flagged"
            tallies={overview.worstUsers}
            view="user"
            name="id"
          />
        </section>
        <section class="card">
          <h2>Flagged, by how popular the item is</h2>
          <Bars
            shares
            label="Flagged clicks by their item's number of users"
            histogram={byItem}
            range={(low, high) => `items with ${low} to ${high - 1} users`}
            ticks={powers(byItem.kept.length)}
            caption="Share flagged. Users of the item, doubling from bar to bar."
          />
          <Worst
            title="Items with the largest share flagged"
            tallies={overview.worstItems}
            view="rows"
            name="item"
          />
        </section>
      </div>

      <div class="pair">
        <DataReport overview={overview} />
        <RunFigures overview={overview} />
      </div>
    </div>
  );
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Worst(props: { title: string; tallies: readonly Tally[]; view: string; name: string }) {
  const { title, tallies, view, name } = props;
  if (tallies.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ol class="ranking">
        {tallies.map((tally) => (
          <li key={tally.position}>
            <a href={link(view, { [name]: tally.position })}>{tally.title ?? tally.id}</a>
            <span class="muted small">
              {count(tally.flagged)} of {count(tally.interactions)}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function DataReport({ overview: { report, interactions, users, items, kind } }: { overview: Overview }) {
  return (
    <section class="card">
      <h2>The data</h2>
      <dl class="facts">
        {report !== null && <Fact name="Rows read" value={count(report.rows)} />}
        <Fact name="Different user–item pairs" value={count(interactions)} />
        {report !== null && <Fact name="Repeated rows merged" value={count(report.duplicates)} />}
        {report?.dropped.map(({ reason, rows }) => (
          <Fact key={reason} name={`Left out: ${reason}`} value={count(rows)} />
        ))}
        {report?.ratings && (
          <Fact
            name="Ratings"
            value={`${number(report.ratings.lowest)} to ${number(report.ratings.highest)}`}
          />
        )}
        <Fact name="Clicks a user" value={(interactions / users).toFixed(1)} />
        <Fact name="Users an item" value={(interactions / items).toFixed(1)} />
        <Fact name="Pairs that are clicks" value={percent(interactions / users / items)} />
      </dl>
      {report === null && kind === "run" && (
        <p class="small muted">This run did not keep the report on its rows.</p>
      )}
    </section>
  );
}

function RunFigures({ overview: { figures } }: { overview: Overview }) {
  const { model, parameters, transport, threshold, marginals, seconds } = figures;
  return (
    <section class="card">
      <h2>The run</h2>
      <dl class="facts">
        <Fact name="Model" value={model} />
        {Object.entries(parameters).map(([name, value]) => (
          <Fact key={name} name={`  ${name}`} value={typeof value === "number" ? number(value) : value} />
        ))}
        <Fact name="Transport" value={`${transport}, ${marginals} marginals`} />
        <Fact name="Threshold" value={threshold} />
        <Fact
          name="γ, β, λ"
          value={`${number(figures.gamma)}, ${number(figures.beta)}, ${number(figures.lambda)}`}
        />
        <Fact name="Rounds" value={count(figures.iterations)} />
        <Fact name="Mass of the plan" value={number(figures.planMass)} />
        <Fact name="Seed" value={String(figures.seed)} />
        <Fact
          name="Seconds to read, fit, transport"
          value={[seconds.read, seconds.fit, seconds.transport].map((value) => value.toFixed(1)).join(", ")}
        />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function multiple(exponent: number): string {
  const value = 10 ** exponent;
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))}×`;
}

function powers(bins: number): { at: number; text: string }[] {
  const step = bins > 9 ? 3 : bins > 5 ? 2 : 1;
  return Array.from({ length: bins + 1 }, (_, at) => ({ at, text: count(2 ** at) })).filter(
    ({ at }) => at % step === 0,
  );
}
