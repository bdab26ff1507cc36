import type { Pool } from "pg";
import { ProRecError } from "../errors.ts";
import type { Address } from "./address.ts";
import { optional } from "./optional.ts";
import { followEvents } from "./postgres-events.ts";
import type { Queueing } from "./queueing.ts";
import { quiet, unreachable, unusable } from "./unusable.ts";

/** Where all tables are: BullMQ's and the notices. */
const SCHEMA = "prorec";
const NOTICES = `
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.notice (key text PRIMARY KEY, text text NOT NULL, until timestamptz NOT NULL)`;
/** Milliseconds to reach the server. */
const PATIENCE = 10_000;

type BullMQ = typeof import("bullmq");

export async function openPostgres(address: Address): Promise<Queueing> {
  const bullmq = await optional("bullmq", () => import("bullmq"));
  const { Pool } = (await optional("pg", () => import("pg"))).default;
  const { host, port, user, password, database, tls, masked } = address;
  const connection = {
    ...{ host, port, ...(tls ? { ssl: true } : {}) },
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ...{ connectionTimeoutMillis: PATIENCE, keepAlive: true, max: 4 },
  };
  const pool = new Pool(connection);
  pool.on("error", () => {}); // lost connections are made anew
  try {
    await prepare(pool, bullmq);
  } catch (error) {
    await pool.end();
    throw error instanceof ProRecError ? error : refusal(address, error);
  }
  const shared = { connection: { ...connection, schema: SCHEMA } };
  const backend = bullmq.createPostgresBackend;
  return {
    address: masked,
    queue: (name) => quiet(new bullmq.Queue(name, shared, backend)) as never,
    follow: (name, onEnd) => followEvents(pool, SCHEMA, name, onEnd),
    worker: (name, processor, options) =>
      quiet(new bullmq.Worker(name, processor, { ...shared, ...options }, backend)) as never,
    notices: {
      async post(key, text, seconds) {
        const values = "($1, $2, now() + make_interval(secs => $3))";
        const update = "ON CONFLICT (key) DO UPDATE SET text = excluded.text, until = excluded.until";
        await pool.query(`INSERT INTO ${SCHEMA}.notice VALUES ${values} ${update}`, [key, text, seconds]);
        await pool.query(`DELETE FROM ${SCHEMA}.notice WHERE until < now()`);
      },
      async remove(key) {
        await pool.query(`DELETE FROM ${SCHEMA}.notice WHERE key = $1`, [key]);
      },
      async read(prefix) {
        const { rows } = await pool.query<{ text: string }>(
          `SELECT text FROM ${SCHEMA}.notice WHERE starts_with(key, $1) AND until > now()`,
          [prefix],
        );
        return rows.map(({ text }) => text);
      },
    },
    close: () => pool.end(),
  };
}

/**
 * BullMQ's migrations where they are needed; workers on tables of another form would spin. One process after the other: two
 * that make the same schema or table at once fail, also with IF NOT EXISTS.
 */
async function prepare(pool: Pool, bullmq: BullMQ): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock(hashtext($1))", [`${SCHEMA} tables`]);
    const version = await bullmq.assertSchemaCompatibility(client, SCHEMA).catch((error) => {
      if (error instanceof bullmq.SchemaMigrationRequiredError) return 0;
      throw error;
    });
    if (version < bullmq.LATEST_SCHEMA_VERSION) await bullmq.runMigrations(client, SCHEMA);
    const { rows } = await client.query("SELECT to_regclass($1) AS found", [`${SCHEMA}.notice`]);
    if (rows[0].found === null) await client.query(NOTICES);
  } finally {
    client.release(true); // its lock ends with the connection
  }
}

function refusal(address: Address, error: unknown): ProRecError {
  const { code, message } = error as Error & { code?: string };
  if (code !== "42501") return unreachable(address, error);
  return unusable(
    address,
    `it must have its tables made first (${message})`,
    `Give the user the right: GRANT CREATE ON DATABASE ... TO ...; or let its owner start a worker once.`,
  );
}
