import { ProRecError } from "../errors.ts";

/** Where a cluster's queue is. */
export interface Address {
  readonly kind: "redis" | "postgres";
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Redis's number, PostgreSQL's name. */
  readonly database: string | undefined;
  /** With the certificate checked. */
  readonly tls: boolean;
  /** For messages: without user and password, which are easily swapped. */
  readonly masked: string;
}

const PORTS = { redis: 6379, postgres: 5432 } as const;
const SCHEMES: Readonly<Record<string, { kind: Address["kind"]; tls: boolean }>> = {
  "redis:": { kind: "redis", tls: false },
  "rediss:": { kind: "redis", tls: true },
  "postgres:": { kind: "postgres", tls: false },
  "postgresql:": { kind: "postgres", tls: false },
};
const QUERIES: Readonly<Record<string, { tls: boolean }>> = {
  "?sslmode=disable": { tls: false },
  "?sslmode=require": { tls: true },
  "?sslmode=verify-full": { tls: true },
};

/**
 * Reads `redis[s]://[user:password@]host[:port][/number]` or
 * `postgres[ql]://[user:password@]host[:port][/name][?sslmode=disable|require|verify-full]`; odd characters of user,
 * password and name are percent-encoded.
 * @throws ProRecError UNUSABLE_CLUSTER for anything else; nothing of it is repeated, for it may be a password
 */
export function parseAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url && SCHEMES[url.protocol];
  if (url === undefined || scheme === undefined)
    throw refused("it begins with none of redis://, rediss://, postgres://");
  const { kind } = scheme;
  const query = url.search === "" ? scheme : kind === "postgres" ? QUERIES[url.search] : undefined;
  if (query === undefined || url.hash !== "") {
    throw refused("what follows its path is not ?sslmode=disable, require or verify-full, for PostgreSQL");
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (!/^[\w.:-]+$/.test(host) || url.port === "0")
    throw refused("it has no host, or one with odd characters");
  const port = url.port === "" ? PORTS[kind] : Number(url.port);
  const user = decoded(url.username);
  const password = decoded(url.password);
  const database = decoded(url.pathname.replace(/^\//, ""));
  if (!(kind === "redis" ? /^\d{0,4}$/ : /^[^/]*$/).test(database ?? "")) {
    throw refused("its path is not one database: a number for Redis, a name for PostgreSQL");
  }
  const login = (user ?? password) ? "***@" : "";
  const masked = `${url.protocol}//${login}${url.hostname}:${port}${url.pathname}${url.search}`;
  return { kind, host, port, user, password, database, tls: query.tls, masked };
}

function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    const text = decodeURIComponent(part);
    if (!text.includes("\0")) return text;
  } catch {}
  throw refused("user, password or database have a % that begins no %-encoded character");
}

function refused(reason: string): ProRecError {
  return new ProRecError("UNUSABLE_CLUSTER", `The cluster's address can't be used: ${reason}.`, {
    hint: "Examples: redis://:PASSWORD@HOST:6379/0, rediss://USER:PASSWORD@HOST (TLS), postgres://USER:PASSWORD@HOST/DATABASE?sslmode=require. A password's odd characters are %-encoded.",
  });
}
