import { useEffect, useRef } from "preact/hooks";
import type { Overview, RunsOverview } from "../../src/server/messages.ts";
import { link, useRoute, useServer } from "./hooks.ts";
import { Problem, Waiting } from "./parts/problem.tsx";
import { ExportView } from "./views/export.tsx";
import { OverviewView } from "./views/overview.tsx";
import { PictureView } from "./views/picture.tsx";
import { RowsView } from "./views/rows.tsx";
import { RunsView } from "./views/runs.tsx";
import { SettingsView } from "./views/settings.tsx";
import { UserView } from "./views/user.tsx";
import { UsersView } from "./views/users.tsx";

const VIEWS = [
  ["overview", "Overview", OverviewView],
  ["rows", "Rows", RowsView],
  ["users", "Users", UsersView],
  ["picture", "Matrix", PictureView],
  ["settings", "Settings", SettingsView],
  ["export", "Export", ExportView],
] as const;

/** Where the page is about a cluster's runs. */
const RUN_VIEWS = [["overview", "Runs"]] as const;

/** The frame around the view that the address names. */
export function App() {
  const { view, query } = useRoute();
  const { value: overview, error } = useServer<Overview | RunsOverview>(`overview?${view}`);
  const main = useRef<HTMLElement>(null);
  const shown = view === "user" ? "users" : view;
  const views = overview?.kind === "cluster" ? RUN_VIEWS : VIEWS;
  const title = views.find(([name]) => name === shown)?.[1] ?? "Not found";
  const first = useRef(true);
  useEffect(() => {
    document.title = overview ? `${title} · ${overview.name} · ProRec` : "ProRec";
  }, [title, overview]);
  useEffect(() => {
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [view]);

  const View = view === "user" ? UserView : VIEWS.find(([name]) => name === view)?.[2];
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <a class="brand" href={link("overview")}>
          <span class="brand-mark" aria-hidden="true" />
          ProRec
        </a>
        <nav aria-label="Views">
          {views.map(([name, text]) => (
            <a key={name} href={link(name)} aria-current={name === shown ? "page" : undefined}>
              {text}
            </a>
          ))}
        </nav>
        {overview && <span class="source muted small">{overview.name}</span>}
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {error !== undefined && <Problem error={error} />}
        {overview === undefined ? (
          error === undefined && <Waiting what="Reading ..." />
        ) : overview.kind === "cluster" ? (
          <RunsView overview={overview} />
        ) : View === undefined ? (
          <p>
            There is no such view. <a href={link("overview")}>Overview</a>
          </p>
        ) : (
          <View overview={overview} query={query} />
        )}
      </main>
    </>
  );
}
