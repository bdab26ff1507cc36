import { useMemo, useState } from "preact/hooks";
import type { Curve, Row, UserDetail } from "../../../src/server/messages.ts";
import { type Changes, decide, decisionOf } from "../api.ts";
import { count, number, percent, plural } from "../format.ts";
import { link, useDecisions, useServer } from "../hooks.ts";
import { Decide, ItemName, Label, Margin } from "../parts/marks.tsx";
import { Problem, Waiting } from "../parts/problem.tsx";
import { RowCurve } from "../parts/row-curve.tsx";
import { Recommendations } from "./recommendations.tsx";

/** One user's clicks along their sorted row of the plan, and what another threshold would flag. */
export function UserView({ query }: { query: URLSearchParams }) {
  const id = query.get("id");
  const { value: user, error } = useServer<UserDetail>(`users/${id}`);
  const { value: whole, error: noCurve } = useServer<Curve>(`users/${id}/curve`);
  if (error !== undefined) return <Problem error={error} />;
  if (user === undefined) return <Waiting what="Reading the user ..." />;
  return <User key={user.position} user={user} whole={whole} noCurve={noCurve} />;
}

/** Own items that the table shows at first, and then more at a time: all of them follow the slider. */
const MORE = 60;

function User(props: { user: UserDetail; whole: Curve | undefined; noCurve: Error | undefined }) {
  const { user, whole, noCurve } = props;
  useDecisions();
  const curve = whole ?? user.curve;
  const { ranks, matches } = curve;
  const [chosen, setChosen] = useState<number | null>(null);
  const [message, setMessage] = useState("");
  const [undo, setUndo] = useState<Changes>([]);
  const [most, setMost] = useState(MORE);
  const kappa = chosen ?? user.kappa;
  const step = ranks.findLastIndex((rank) => rank <= kappa);
  const threshold = chosen === null ? user.threshold : (matches[step] ?? Infinity);
  const isFlagged = (row: Row) => row.match < threshold;
  const flagged = user.rows.filter(isFlagged).length;
  const changed = useMemo(
    () => user.rows.filter((row) => row.match < threshold !== (row.noise === 1)),
    [user, threshold],
  );
  const weight = (row: Row) =>
    user.lambda + (1 - user.lambda) / (1 + Math.exp(-user.beta * (row.match - threshold)));

  const decideChanged = async () => {
    const changes = changed.map((row) => [row.entry, row.noise === 1 ? "keep" : "remove"] as const);
    const before = changed.map((row) => [row.entry, decisionOf(row)] as const);
    try {
      await decide(changes);
      setMessage(`${plural(changed.length, "decision")} kept.`);
      setUndo(before);
    } catch (error) {
      setMessage((error as Error).message);
    }
  };

  const takeBack = async () => {
    try {
      await decide(undo);
      setMessage("Taken back.");
      setUndo([]);
    } catch (error) {
      setMessage((error as Error).message);
    }
  };

  return (
    <div class="stack">
      <section class="lead">
        <p class="small">
          <a href={link("users")}>Users</a>
        </p>
        <h1 class="cut">User {user.id}</h1>
        <p class="muted">
          {plural(user.interactions, "click")}, {count(user.flagged)} flagged (
          {percent(user.flagged / (user.interactions || 1))}). {plural(user.kappa, "item")} of{" "}
          {count(user.items)} lie above the threshold, clicked or not.
        </p>
      </section>

      <section class="card">
        <div class="card-head">
          <h2>All items, best match first</h2>
          <p class="legend small muted">
            <span class="dot dot-kept" /> kept click <span class="dot dot-flagged" /> flagged click
          </p>
        </div>
        <RowCurve
          curve={curve}
          items={user.items}
          rows={user.rows}
          kappa={kappa}
          ownKappa={user.kappa}
          threshold={threshold}
        />
        {noCurve !== undefined && (
          <p class="small muted">The line runs through the user's own clicks alone: {noCurve.message}</p>
        )}
        <div class="slider">
          <label for="threshold">
            Threshold: keep the best <output for="threshold">{count(kappa)}</output>
          </label>
          <input
            id="threshold"
            type="range"
            min={0}
            max={ranks.length - 1}
            value={Math.max(0, step)}
            aria-valuetext={`${count(kappa)} items kept, ${count(flagged)} clicks flagged`}
            onInput={(event) => {
              setMessage("");
              setChosen(ranks[Number(event.currentTarget.value)]!);
            }}
          />
          <div class="slider-foot">
            <span role="status">
              <strong>{count(flagged)}</strong> of {count(user.interactions)} flagged
              {changed.length > 0 && <>, {plural(changed.length, "label")} changed</>}
              {message !== "" && <>. {message}</>}
            </span>
            <span class="buttons">
              {undo.length > 0 && (
                <button type="button" class="button" onClick={takeBack}>
                  Take back
                </button>
              )}
              <button type="button" class="button" disabled={chosen === null} onClick={() => setChosen(null)}>
                Back to κ = {count(user.kappa)}
              </button>
              <button
                type="button"
                class="button button-main"
                disabled={changed.length === 0}
                onClick={decideChanged}
              >
                Decide so by hand
              </button>
            </span>
          </div>
        </div>
      </section>

      <section class="card">
        <h2>The clicks</h2>
        <div class="scrolling" tabIndex={0} role="region" aria-label="The user's clicks">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">Item</th>
                <th scope="col" class="wide">
                  Label
                </th>
                <th scope="col" class="wide">
                  Match
                </th>
                <th scope="col" class="numeric wide">
                  Rank
                </th>
                <th scope="col" class="numeric wide">
                  Weight
                </th>
                <th scope="col">Decision</th>
              </tr>
            </thead>
            <tbody>
              {user.rows.slice(0, most).map((row) => (
                <tr key={row.entry} class={isFlagged(row) !== (row.noise === 1) ? "is-changed" : ""}>
                  <th scope="row">
                    <ItemName title={row.title} id={row.itemId} />
                    <span class="narrow-only">
                      <Margin match={row.match} threshold={threshold} />
                    </span>
                  </th>
                  <td class="wide">
                    <Label noise={isFlagged(row)} />
                  </td>
                  <td class="wide">
                    <Margin match={row.match} threshold={threshold} />
                  </td>
                  <td class="numeric wide">{count(row.rank)}</td>
                  <td class="numeric wide">
                    {decisionOf(row) !== null
                      ? decisionOf(row) === "keep"
                        ? "1"
                        : "0"
                      : number(chosen === null || !user.oneRound ? row.weight : weight(row))}
                  </td>
                  <td>
                    <Decide row={row} large />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {user.rows.length > most && (
          <div>
            <button type="button" class="button" onClick={() => setMost(most + MORE)}>
              Show more of {count(user.rows.length)}
            </button>
          </div>
        )}
      </section>

      <Recommendations user={user.position} />
    </div>
  );
}
