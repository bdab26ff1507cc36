import { type Context, Hono } from "hono";
import type { Interactions } from "../interactions/interactions.ts";
import type { Plan } from "../transport/plan.ts";
import { comparableModels, compare, comparisonFrom } from "./comparison.ts";
import type { Decisions } from "./decisions.ts";
import { diagnosing } from "./diagnosis.ts";
import type { Explored } from "./explored.ts";
import { EXPORT_FORMATS, EXPORT_ROWS, exportFile } from "./export.ts";
import { type Decision, SHOWN, SORT_KEYS, USER_KEYS } from "./messages.ts";
import { overviewOf } from "./overview.ts";
import { bad, oneOf, optionalNumber, shortText, wholeNumber } from "./parameters.ts";
import { pictureOf, type Window } from "./picture.ts";
import { curveOf, planOf, sharesOf } from "./plan-rows.ts";
import { recommending } from "./recommendations.ts";
import { browse } from "./rows.ts";
import { type Connection, openDesk, unhurried } from "./work.ts";

/** Rows in an answer. */
const MOST_ROWS = 500;
/** Bins of a picture either way. */
const MOST_BINS = 1024;
/** Pairs that are looked at one by one. */
const MOST_CELLS = 20_000;

/** What the explorer's page asks for; `onBug` is told of errors that are bugs. */
export function exploredApi(
  explored: Explored,
  decisions: Decisions,
  onBug: (error: Error) => void,
): Hono<Connection> {
  const { input } = explored;
  const browser = browse(explored, decisions);
  const overview = overviewOf(explored, browser, comparableModels(explored));
  const recommended = recommending(explored, decisions);
  const picture = pictureOf(explored, browser, decisions);
  const verdict = diagnosing(explored);
  const desk = openDesk(onBug);
  let plan: Promise<Plan> | undefined;
  const planned = () => (plan ??= planOf(explored));
  const app = new Hono<Connection>();

  app.get("/api/overview", (context) =>
    context.json({ ...overview, decisions: decisions.counts(), diagnosis: verdict.held() }),
  );
  app.get("/api/rows", ({ req, json }) => {
    const query = req.query();
    return json(
      browser.rows({
        show: oneOf("show", query.show ?? "flagged", SHOWN),
        sort: oneOf("sort", query.sort ?? "margin", SORT_KEYS),
        descending: query.descending === "1",
        search: shortText("search", query.search),
        user: optionalNumber("user", query.user, input.users.size),
        item: optionalNumber("item", query.item, input.items.size),
        ...range(query),
      }),
    );
  });
  app.get("/api/rows/:entry", ({ req, json }) =>
    json(browser.explain(wholeNumber("entry", req.param("entry"), 0, input.size))),
  );
  app.get("/api/users", ({ req, json }) => {
    const query = req.query();
    return json(
      browser.users({
        sort: oneOf("sort", query.sort ?? "flagged", USER_KEYS),
        descending: query.descending === "1",
        search: shortText("search", query.search),
        ...range(query),
      }),
    );
  });
  app.get("/api/users/:user", ({ req, json }) =>
    json(browser.user(wholeNumber("user", req.param("user"), 0, input.users.size))),
  );
  app.get("/api/users/:user/curve", async (context) => {
    const { req, json } = context;
    const user = wholeNumber("user", req.param("user"), 0, input.users.size);
    const own = browser.user(user);
    const ranks = [own.kappa, ...own.rows.map(({ rank }) => rank)];
    return json(curveOf(sharesOf(await unhurried(context, planned), user), ranks));
  });
  app.get("/api/users/:user/recommendations", ({ req, json }) =>
    json(recommended.lists(wholeNumber("user", req.param("user"), 0, input.users.size))),
  );
  app.post("/api/refit", (context) => desk.answer(context, (options) => recommended.refit(options)));
  app.post("/api/diagnose", (context) => desk.answer(context, (options) => verdict.run(options)));
  app.post("/api/compare", async (context) => {
    const request = comparisonFrom(await context.req.json().catch(() => null), explored);
    return desk.answer(context, (options) => compare(explored, request, options));
  });
  app.get("/api/picture", (context) => {
    const { window, query } = windowFrom(context, input);
    const columns = wholeNumber("columns", query.columns, 1, Math.min(MOST_BINS, width(window.items)) + 1);
    const rows = wholeNumber("rows", query.rows, 1, Math.min(MOST_BINS, width(window.users)) + 1);
    return context.body(picture.bins(window, columns, rows));
  });
  app.get("/api/picture/preferred", async (context) => {
    const { window } = windowFrom(context, input);
    if (width(window.users) * width(window.items) > MOST_CELLS) throw bad("that is too large a part.");
    return context.body(picture.preferred(window, await unhurried(context, planned)));
  });
  app.get("/api/picture/cell", ({ req, json }) => {
    const user = wholeNumber("user", req.query("user"), 0, input.users.size);
    return json(picture.cell(user, wholeNumber("item", req.query("item"), 0, input.items.size)));
  });
  app.get("/api/export", async (context) => {
    const choice = {
      format: oneOf("format", context.req.query("format"), EXPORT_FORMATS),
      rows: oneOf("rows", context.req.query("rows"), EXPORT_ROWS),
    };
    const { signal } = context.req.raw;
    const { bytes, stream } = await unhurried(context, () => exportFile(explored, decisions, choice, signal));
    return context.body(stream, 200, {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": `attachment; filename="prorec-${choice.rows}.${choice.format}"`,
      "Content-Length": String(bytes),
    });
  });
  app.get("/api/items/:item", ({ req, json }) =>
    json(browser.itemTally(wholeNumber("item", req.param("item"), 0, input.items.size))),
  );
  app.post("/api/decisions", async ({ req, json }) => {
    await decisions.decide(changesFrom(await req.json().catch(() => null), input.size));
    return json(decisions.counts());
  });
  return app;
}

function range(query: Record<string, string>): { from: number; count: number } {
  return {
    from: wholeNumber("from", query.from ?? "0", 0, 2 ** 32),
    count: wholeNumber("count", query.count ?? "100", 1, MOST_ROWS + 1),
  };
}

function windowFrom(
  { req }: Context<Connection>,
  { users, items }: Interactions,
): { window: Window; query: Record<string, string> } {
  const query = req.query();
  const part = (name: string, size: number): [number, number] => {
    const from = wholeNumber(`${name}From`, query[`${name}From`], 0, size);
    return [from, wholeNumber(`${name}To`, query[`${name}To`], from + 1, size + 1)];
  };
  return { window: { users: part("users", users.size), items: part("items", items.size) }, query };
}

function width([from, to]: readonly [number, number]): number {
  return to - from;
}

function changesFrom(body: unknown, entries: number): [number, Decision | null][] {
  const { changes } = (body ?? {}) as { changes?: unknown };
  if (!Array.isArray(changes)) throw bad("the body must be {changes: [[entry, decision], ...]}.");
  return changes.map((change) => {
    const [entry, decision] = Array.isArray(change) ? change : [];
    if (decision !== null && decision !== "keep" && decision !== "remove") {
      throw bad("a decision must be keep, remove or null.");
    }
    return [wholeNumber("entry", String(entry), 0, entries), decision];
  });
}
