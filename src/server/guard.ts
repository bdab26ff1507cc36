import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";

/** Sent with every answer. */
export const HEADERS = {
  "Content-Security-Policy": [
    "default-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Cache-Control": "no-store",
} as const;

/** Who may come in: once with the token, from then on with the cookie that it was exchanged for. */
export interface Admission {
  /** For the address that is printed. */
  readonly token: string;
  /** The Set-Cookie header for the token; undefined for another one, or the second time. */
  exchange(token: string): string | undefined;
  isAdmitted(cookie: string | undefined): boolean;
  readonly cookieName: string;
}

/** @param port cookies don't tell ports apart, so the cookie's name has to */
export function createAdmission(port: number): Admission {
  const cookieName = `prorec-${port}`;
  const token = secret();
  const session = secret();
  let used = false;
  return {
    token,
    cookieName,
    exchange(given) {
      if (used || !same(given, token)) return undefined;
      used = true;
      return `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    isAdmitted: (cookie) => cookie !== undefined && same(cookie, session),
  };
}

function secret(): string {
  return randomBytes(24).toString("base64url");
}

/** Equal texts; how long it takes says nothing of where they differ. */
function same(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Sets `HEADERS` on every answer. */
export const withHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
};

/**
 * Answers 403 to a Host that is none of the server's (a foreign name that leads here, DNS rebinding), and to an Origin
 * other than the server's own.
 */
export function ownPagesOnly(hosts: ReadonlySet<string>): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("host") ?? "";
    if (!hosts.has(host.toLowerCase())) return context.text("403: this server goes by another name.\n", 403);
    const origin = context.req.header("origin");
    if (origin !== undefined && origin !== `http://${host}`) {
      return context.text("403: a foreign page asks.\n", 403);
    }
    await next();
  };
}

/** Answers 403 to what another site's page, or another port's, has a browser load. */
export const sameOriginLoads: MiddlewareHandler = async (context, next) => {
  const site = context.req.header("sec-fetch-site") ?? "none";
  if (site !== "none" && site !== "same-origin") return context.text("403: a foreign page asks.\n", 403);
  await next();
};

/** Whether the request has the cookie. */
export function isAdmitted(context: Context, admission: Admission): boolean {
  return admission.isAdmitted(getCookie(context, admission.cookieName));
}

/** Answers 401 without the cookie. */
export function admittedOnly(admission: Admission): MiddlewareHandler {
  return async (context, next) => {
    if (isAdmitted(context, admission)) return next();
    return context.text(
      "401: open the address that prorec explore printed. It works once; start the command again for a new one.\n",
      401,
    );
  };
}
