import { useRef, useState } from "preact/hooks";
import type { RecommendationLists, Recommended } from "../../../src/server/messages.ts";
import { type Refused, work } from "../api.ts";
import { useServer } from "../hooks.ts";
import { ItemName } from "../parts/marks.tsx";
import { Problem, Waiting } from "../parts/problem.tsx";
import { type Going, Progress } from "../parts/progress.tsx";

/** What the model would recommend, from the log as it was and from the denoised one. */
export function Recommendations({ user }: { user: number }) {
  const [fitted, setFitted] = useState(0);
  const { value, error } = useServer<RecommendationLists>(`users/${user}/recommendations?fitted=${fitted}`);
  const [going, setGoing] = useState<Going>();
  const [failure, setFailure] = useState<Error>();
  const control = useRef<AbortController>(undefined);

  const fit = async () => {
    control.current = new AbortController();
    setFailure(undefined);
    setGoing({ stage: "fit", done: 0, total: 1 });
    try {
      await work("refit", {}, setGoing, control.current.signal);
      setFitted(fitted + 1);
    } catch (problem) {
      if (!control.current.signal.aborted) setFailure(problem as Refused);
    }
    setGoing(undefined);
  };

  return (
    <section class="card">
      <h2>Recommendations, before and after</h2>
      {error !== undefined && <Problem error={error} />}
      {failure !== undefined && <Problem error={failure} />}
      {value === undefined ? (
        error === undefined && <Waiting what="Scoring the items ..." />
      ) : (
        <div class="sides sides-wide">
          <List title="From the log as it was" items={value.before} other={value.after} />
          {value.after !== null ? (
            <List title="From the new weights" items={value.after} other={value.before} />
          ) : (
            <section>
              <h3>From the new weights</h3>
              {value.cannot !== null ? (
                <p class="muted">{value.cannot}</p>
              ) : going !== undefined ? (
                <Progress going={going} onCancel={() => control.current?.abort()} />
              ) : (
                <>
                  <p class="muted">
                    The model has to be fitted again for all users, with decisions by hand honoured. It stays
                    until a decision changes.
                  </p>
                  <button type="button" class="button" onClick={fit}>
                    Fit again
                  </button>
                </>
              )}
            </section>
          )}
        </div>
      )}
    </section>
  );
}

function List(props: { title: string; items: readonly Recommended[]; other: readonly Recommended[] | null }) {
  const { title, items, other } = props;
  const elsewhere = new Set(other?.map(({ item }) => item));
  return (
    <section>
      <h3>{title}</h3>
      {items.length === 0 && <p class="muted">Nothing.</p>}
      <ol class="recommended">
        {items.map(({ item, id, title }) => (
          <li key={item}>
            <ItemName title={title} id={id} />
            {other !== null && !elsewhere.has(item) && <span class="chip chip-small">only here</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
