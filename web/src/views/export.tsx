import { useState } from "preact/hooks";
import type { Overview } from "../../../src/server/messages.ts";
import { count, plural } from "../format.ts";
import { link } from "../hooks.ts";

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
          <a class="button button-main" href={`/api/export?rows=${rows}&format=${format}`} download>
            Download
          </a>
        </div>
        <p class="small muted">
          {kind === "log"
            ? "The log's own rows and columns, in its order. A long log takes some seconds before the download begins."
            : "A run keeps no log: the file has the columns user and item, a row for each pair."}
        </p>
      </section>
    </div>
  );
}
