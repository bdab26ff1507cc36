import type { TargetedMouseEvent } from "preact";
import { useState } from "preact/hooks";
import type { Overview } from "../../../src/server/messages.ts";
import { get } from "../api.ts";
import { count, plural } from "../format.ts";
import { link } from "../hooks.ts";
import { Problem } from "../parts/problem.tsx";

const ROWS = [
  [
    "weights",
    "All rows, with their new weights",
    "Adds weight, relevance, match, threshold, rank and noise. Kept by hand weighs 1, removed by hand 0, which prorec train and recommend leave out.",
  ],
  ["decided", "Without the rows removed by hand", "Labels are not looked at."],
  ["kept", "Without flagged rows", "Flagged rows go unless kept by hand; rows removed by hand go."],
] as const;
const FORMATS = [
  ["csv", "CSV"],
  ["parquet", "Parquet"],
] as const;

/** The cleaned file, decisions by hand honoured. */
export function ExportView({ overview }: { overview: Overview }) {
  const { decisions, kind, interactions, flagged } = overview;
  const [rows, setRows] = useState<string>("weights");
  const [format, setFormat] = useState<string>("csv");
  const [problem, setProblem] = useState<Error>();
  /** The browser says nothing on this page when a download fails, so the server is asked first whether it is there. */
  const download = async (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    event.preventDefault();
    const { href } = event.currentTarget;
    setProblem(undefined);
    try {
      await get("overview?export");
      location.assign(href);
    } catch (error) {
      setProblem(error as Error);
    }
  };
  return (
    <div class="stack">
      <section class="lead">
        <h1>Take the file away</h1>
        <p class="muted">
          {plural(interactions, "click")}, {count(flagged)} of them flagged; by hand {count(decisions.keep)}{" "}
          kept and {count(decisions.remove)} removed (<a href={link("rows", { show: "decided" })}>see them</a>
          ). Decisions live in <code>{decisions.file}</code>.
        </p>
      </section>
      <section class="card">
        <fieldset>
          <legend>Rows</legend>
          {ROWS.map(([name, title, what]) => (
            <label key={name} class="option">
              <input type="radio" name="rows" checked={rows === name} onChange={() => setRows(name)} />
              <span>
                {title}
                <span class="small muted">{what}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>Format</legend>
          {FORMATS.map(([name, title]) => (
            <label key={name} class="option">
              <input type="radio" name="format" checked={format === name} onChange={() => setFormat(name)} />
              <span>{title}</span>
            </label>
          ))}
        </fieldset>
        <div class="buttons">
          <a class="button button-main" href={`/api/export?rows=${rows}&format=${format}`} onClick={download}>
            Download
          </a>
        </div>
        {problem !== undefined && <Problem error={problem} />}
        <p class="small muted">
          {kind === "log"
            ? "The log's own rows and columns, in its order. A long log takes some seconds before the download begins."
            : "A run keeps no log: the file has the columns user and item, a row for each pair."}
        </p>
      </section>
    </div>
  );
}
