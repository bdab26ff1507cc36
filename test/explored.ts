import { request } from "node:http";
import { connect } from "node:net";
import { denoise } from "../src/denoise/prorec.ts";
import { denoiseSummary } from "../src/denoise/summary.ts";
import { interactionsFromPairs } from "../src/interactions/interactions.ts";
import { NcePlrec } from "../src/models/nce-plrec.ts";
import { exploredApi } from "../src/server/app.ts";
import { openDecisions } from "../src/server/decisions.ts";
import type { Explored } from "../src/server/explored.ts";
import { type Serving, serveExplorer } from "../src/server/serve.ts";
import { groupLog } from "./logs.ts";

/** A small denoised log, ready to be explored. */
export async function exploredLog(name = (id: string) => id): Promise<Explored> {
  const pairs = groupLog({ name }).slice(1);
  const model = new NcePlrec({ factors: 4, seed: 1 });
  const result = await denoise(interactionsFromPairs(pairs.map(([user, item]) => [user!, item!] as const)), {
    model,
  });
  const { input, settings, scores, matching, relevance, weights, noise } = result;
  return {
    ...{ input, settings, scores, matching, relevance, weights, noise, model },
    name: "clicks.csv",
    report: undefined,
    log: undefined,
    figures: denoiseSummary(result, { seed: 1, seconds: { read: 0, fit: 0, transport: 0, write: 0 } }),
    titles: (item) => `Title ${item}`,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Serves it with a page folder and gives ways to ask: Host and Origin as one likes, and the path byte for byte. */
export async function explorer(
  explored: Explored,
  { page, decisions, patience }: { page: string; decisions: string; patience?: number },
) {
  const bugs: Error[] = [];
  const onBug = (error: Error) => void bugs.push(error);
  const serving: Serving = await serveExplorer({
    api: exploredApi(explored, await openDecisions(decisions, explored.input), onBug),
    ...{ page, onBug },
    ...(patience === undefined ? {} : { patience }),
  });
  const { port } = serving;
  const ask = (path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      asked.on("error", reject);
      asked.end(body);
    });
  const entrance = new URL(serving.address);
  const opened = await ask(entrance.pathname + entrance.search);
  const setCookie = String(opened.headers["set-cookie"]);
  const cookie = setCookie.split(";")[0]!;
  return {
    ...{ serving, ask, opened, setCookie, cookie, bugs },
    /** As the page itself would. */
    inside: (path: string, { headers = {}, ...rest }: Ask = {}) =>
      ask(path, { ...rest, headers: { cookie, ...headers } }),
    /** Bytes as they are, then one every now and then; what comes back until the server ends it, and after how long. */
    raw: (text: string, drip = ""): Promise<{ text: string; milliseconds: number }> =>
      new Promise((resolve) => {
        const started = performance.now();
        let received = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(text));
        socket.on("data", (chunk) => (received += chunk));
        socket.on("error", () => {}); // a drip may come too late
        const dripping = setInterval(() => socket.write(drip), 50);
        socket.on("close", () => clearInterval(dripping));
        socket.on("close", () => resolve({ text: received, milliseconds: performance.now() - started }));
      }),
  };
}
