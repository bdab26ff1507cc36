import { Fragment } from "preact";
import { duration } from "../../../src/cli/pace.ts";
import { isOn, type RunStatus, type Status } from "../../../src/cluster/status.ts";
import { lastPart } from "../../../src/report/page/blocks.ts";
import type { RunsOverview } from "../../../src/server/messages.ts";
import { bytes, count, number, plural } from "../format.ts";
import { usePolled } from "../hooks.ts";
import { Problem, Waiting } from "../parts/problem.tsx";

/** Milliseconds between two looks; runs and workers tell their news as often. */
const EVERY = 2000;
/** A run that was not heard of for so long may be gone. */
const SILENT = 8000;

/** The runs and workers of a cluster, as they are now. */
export function RunsView({ overview: { name, store } }: { overview: RunsOverview }) {
  const { value, error } = usePolled<Status>("runs", EVERY);
  if (value === undefined) return error ? <Problem error={error} /> : <Waiting what="Looking ..." />;
  const runs = value.runs.filter(isOn);
  const past = value.runs.filter((run) => !isOn(run)).reverse();
  const waiting = runs.reduce((sum, { blocks }) => sum + (blocks?.waiting ?? 0), 0);
  const threads = value.workers.reduce((sum, worker) => sum + (worker.threads ?? 0), 0);
  return (
    <div class="stack runs">
      <section class="lead">
        <h1>{runs.length === 0 ? "No run is on" : plural(runs.length, "run is on", "runs are on")}</h1>
        <p class="muted lead-text">
          Queue <code>{name}</code>
          {store === null ? (
            ", without a store: runs that have ended are not shown."
          ) : (
            <>
              , store <code>{store}</code>
            </>
          )}
        </p>
        <p class="hidden" role="status">
          {value.runs.map(({ id, state }) => `Run ${id}: ${state}.`).join(" ")}
        </p>
      </section>
      {error !== undefined && <Problem error={error} />}

      <dl class="tiles">
        <Tile name="Running" value={runs.filter(({ state }) => state === "running").length} />
        <Tile name="Queued" value={runs.filter(({ state }) => state === "queued").length} />
        <Tile name="Blocks waiting" value={waiting} />
        <Tile name="Workers" value={value.workers.length} />
        <Tile name="Threads" value={threads} />
      </dl>

      {[...runs, ...past].map((run) => (
        <Run key={run.id} run={run} />
      ))}
      <Workers workers={value.workers} />
    </div>
  );
}

function Tile({ name, value }: { name: string; value: number }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>{count(value)}</dd>
    </div>
  );
}

function Run({ run }: { run: RunStatus }) {
  const { id, state, log, at, failure, resumable, workers } = run;
  const silent = isOn(run) && run.seen !== undefined ? Date.now() - Date.parse(run.seen) : 0;
  return (
    <article class="card run" aria-label={`Run ${id}`}>
      <div class="card-head">
        <h2 class="run-name">
          {log?.map(lastPart).join(", ") ?? "Run"} <span class="muted small">{id}</span>
        </h2>
        <span class={`state is-${state}`}>{state}</span>
      </div>
      {failure && (
        <div class="problem">
          <p>{failure.message}</p>
          {failure.hint && <p class="small">{failure.hint}</p>}
        </div>
      )}
      {isOn(run) && at && (
        <label class="run-step">
          <span>
            Now {at.stage}: {count(at.done)} of {plural(at.total, "block")}
          </span>
          <progress max={Math.max(1, at.total)} value={at.done} />
        </label>
      )}
      {isOn(run) && workers === 0 && (
        <p class="small">No worker of its build is there: the run waits until one comes.</p>
      )}
      {silent > SILENT && (
        <p class="small">No sign of life for {duration(silent / 1000)}: its process may be gone.</p>
      )}
      {isOn(run) ? (
        <Details run={run} />
      ) : (
        <details>
          <summary class="small">{endOf(run)}</summary>
          <Details run={run} />
        </details>
      )}
      {resumable && (
        <p class="small">
          Goes on with <code>prorec runs resume {id} --cluster ... --store ...</code>
        </p>
      )}
    </article>
  );
}

/** All that is known of a run. */
function Details({ run }: { run: RunStatus }) {
  const { id, stages = [] } = run;
  return (
    <div class="pair">
      <dl class="facts">
        {factsOf(run).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {stages.length > 0 && (
        <section class="scrolling" tabIndex={0} aria-label={`Stages of run ${id}`}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">Stage</th>
                <th scope="col" class="numeric">
                  Blocks done
                </th>
                <th scope="col" class="numeric">
                  of
                </th>
              </tr>
            </thead>
            <tbody>
              {stages.map(({ stage, done, total }) => (
                <tr key={stage}>
                  <th scope="row">{stage}</th>
                  <td class="numeric">{count(done)}</td>
                  <td class="numeric">{count(total)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

/** How a run ended, in a line. */
function endOf({ ended, since, blocks }: RunStatus): string {
  const when = ended ?? since;
  return [
    ...(when === undefined ? [] : [`${ended ? "Ended" : "Begun"} ${new Date(when).toLocaleString()}`]),
    ...(ended && since ? [`after ${duration((Date.parse(ended) - Date.parse(since)) / 1000)}`] : []),
    ...(blocks ? [`${plural(blocks.computed, "block")} computed, ${count(blocks.there)} were there`] : []),
  ].join(", ");
}

/** What is known of a run. */
function factsOf(run: RunStatus): [string, string][] {
  const { blocks, pace, workers, threads, host, process, folder, since, ended, moved, build } = run;
  const facts: [string, string | undefined | false][] = [
    ["Throughput", isOn(run) && pace && `${number(pace.blocksPerSecond)} blocks/s`],
    ["Left of this step", typeof pace?.secondsLeft === "number" && duration(pace.secondsLeft)],
    ["Workers", workers !== undefined && `${count(workers)}, ${plural(threads ?? 0, "thread")}`],
    ["Blocks computed", blocks && count(blocks.computed)],
    ["Blocks that were there", blocks && count(blocks.there)],
    ["Blocks waiting", isOn(run) && blocks && count(blocks.waiting)],
    ["To the store, from it", moved && `${bytes(moved.bytesWritten)}, ${bytes(moved.bytesRead)}`],
    ["Begun", since && new Date(since).toLocaleString()],
    ["Ended", ended && new Date(ended).toLocaleString()],
    ["On", host && (process === undefined ? host : `${host}, process ${process}`)],
    ["In", folder],
    ["Build", build],
  ];
  return facts.filter((fact): fact is [string, string] => typeof fact[1] === "string");
}

function Workers({ workers }: { workers: Status["workers"] }) {
  if (workers.length === 0) return <p>No worker is there. prorec worker starts one.</p>;
  return (
    <section class="card">
      <h2>Workers</h2>
      <section class="scrolling" tabIndex={0} aria-label="Workers">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col" class="numeric">
                Threads
              </th>
              <th scope="col" class="numeric">
                Computed
              </th>
              <th scope="col" class="numeric">
                Failed
              </th>
              <th scope="col" class="wide numeric">
                Taken over
              </th>
              <th scope="col" class="wide">
                Since
              </th>
            </tr>
          </thead>
          <tbody>
            {workers.map(({ id, host, process, threads, work, failure, since, build }) => (
              <Fragment key={id}>
                <tr>
                  <th scope="row">
                    {host} <span class="muted small">process {process}</span>{" "}
                    <span class="muted small wide">{build.name}</span>
                  </th>
                  <td class="numeric">{threads}</td>
                  <td class="numeric">{work && count(work.computed)}</td>
                  <td class="numeric">{work && count(work.failed)}</td>
                  <td class="wide numeric">{work && count(work.stalled)}</td>
                  <td class="wide">{new Date(since).toLocaleString()}</td>
                </tr>
                {failure && (
                  <tr>
                    <td colSpan={6} class="small is-flagged">
                      Process {process} failed at {failure.task} {failure.block}: {failure.message}
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
