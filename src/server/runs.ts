import { Hono } from "hono";
import type { RunsOverview } from "./messages.ts";
import type { Connection } from "./work.ts";

/** What the page of a cluster's runs asks for: where it is, and what `look` sees now. */
export function runsApi(about: Omit<RunsOverview, "kind">, look: () => Promise<object>): Hono<Connection> {
  const app = new Hono<Connection>();
  app.get("/api/overview", ({ json }) => json({ kind: "cluster", ...about } satisfies RunsOverview));
  app.get("/api/runs", async ({ json }) => json(await look()));
  return app;
}
