import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { hostNames, isEverywhere, listen, urlHost } from "./addresses.ts";
import { readAssets } from "./assets.ts";
import { createApp, type FrameOptions } from "./frame.ts";
import { createAdmission } from "./guard.ts";

export interface ServeOptions extends Pick<FrameOptions, "api" | "onBug"> {
  /** Loopback unless told otherwise. */
  readonly host?: string;
  /** 0, the default, is a free one. */
  readonly port?: number;
  /** The folder of the built page. */
  readonly page?: string;
  /** Milliseconds that a client has to send a request, and a silent connection stays. */
  readonly patience?: number;
}

export interface Serving {
  /** With the one-time token. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const PAGE = fileURLToPath(new URL("../web/", import.meta.url));
const PATIENCE = 20_000;
/** A browser takes six. */
const CONNECTIONS = 64;

/** Serves the explorer. @throws ProRecError UNWRITABLE_FILE if there is no listening at that host and port */
export async function serveExplorer(options: ServeOptions): Promise<Serving> {
  const { host = "127.0.0.1", port = 0, page = PAGE, patience = PATIENCE, ...rest } = options;
  const server = createServer({
    headersTimeout: patience,
    requestTimeout: patience,
    keepAliveTimeout: patience,
    connectionsCheckingInterval: Math.min(1000, patience / 2),
    maxHeaderSize: 16 * 1024,
  });
  server.maxConnections = CONNECTIONS;
  server.timeout = 3 * patience;
  const bound = await listen(server, host, port);
  const admission = createAdmission(bound);
  const app = createApp({ ...rest, assets: readAssets(page), admission, hosts: hostNames(host, bound) });
  server.on("request", getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const name = isEverywhere(host) ? "127.0.0.1" : host;
  return {
    address: `http://${urlHost(name)}:${bound}/open?token=${admission.token}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
