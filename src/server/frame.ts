import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { ProRecError } from "../errors.ts";
import type { Asset } from "./assets.ts";
import {
  type Admission,
  admittedOnly,
  isAdmitted,
  ownPagesOnly,
  sameOriginLoads,
  withHeaders,
} from "./guard.ts";
import type { Connection } from "./work.ts";

export interface FrameOptions {
  /** What is below `/api/`. */
  readonly api: Hono<Connection>;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly admission: Admission;
  /** What the server may be called: `name:port`. */
  readonly hosts: ReadonlySet<string>;
  /** Told of errors that are bugs. */
  readonly onBug: (error: Error) => void;
}

/** Bytes of a request's body: some thousand decisions. */
const LARGEST_BODY = 256 * 1024;
/** A page that goes on to the explorer: a redirect's request would still count as the foreign page's, and get no cookie. */
const ENTRANCE = `<!doctype html><meta charset="utf-8"><title>ProRec</title><link rel="icon" href="/icon.svg"><meta http-equiv="refresh" content="0;url=/">`;

/** The page, and what it asks for, behind the guards. */
export function createApp({ api, assets, admission, hosts, onBug }: FrameOptions): Hono<Connection> {
  const app = new Hono<Connection>();

  app.use(withHeaders);
  app.use(ownPagesOnly(hosts));
  app.get("/open", (context) => {
    if (context.req.header("sec-purpose")?.startsWith("prefetch")) return context.body(null, 503);
    if (isAdmitted(context, admission)) return context.html(ENTRANCE);
    const cookie = admission.exchange(context.req.query("token") ?? "");
    if (cookie === undefined) {
      return context.text(
        "401: this address was used in another browser, or is not the one printed. Start prorec explore again for a new one.\n",
        401,
      );
    }
    context.header("Set-Cookie", cookie);
    return context.html(ENTRANCE);
  });
  app.use(admittedOnly(admission));
  app.use("/api/*", sameOriginLoads);
  app.use(bodyLimit({ maxSize: LARGEST_BODY, onError: (context) => context.text("413: too much.\n", 413) }));

  app.route("/", api);

  app.get("*", (context) => {
    const asset = assets.get(context.req.path);
    if (asset === undefined) return context.notFound();
    return context.body(asset.bytes, 200, { "Content-Type": asset.type });
  });
  app.notFound((context) => context.text("404: there is nothing here.\n", 404));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.text(`${error.message}\n`, error.status);
    if (error instanceof ProRecError) {
      const { message, hint = null } = error;
      const isPage = context.req.header("sec-fetch-dest") === "document"; // a download that failed
      return isPage
        ? context.text(`${message}\n${hint ?? ""}\n`, 422)
        : context.json({ error: message, hint }, 422);
    }
    onBug(error);
    return context.text("500: this is a bug in ProRec; the terminal tells more.\n", 500);
  });
  return app;
}
