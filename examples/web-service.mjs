// A job in a web service: post a log, get it back with a weight and a verdict for every interaction.
//   node examples/web-service.mjs
//   curl --data-binary @clicks.csv http://localhost:8080/ > clean.csv
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { denoise, ProRecError, readInteractions } from "prorec";

const server = createServer(async (request, response) => {
  const folder = await mkdtemp(join(tmpdir(), "job-"));
  const [log, clean] = [join(folder, "log.csv"), join(folder, "clean.csv")];
  const gone = new AbortController();
  response.on("close", () => gone.abort()); // stops the work if the client hangs up
  try {
    await pipeline(request, createWriteStream(log));
    const clicks = await readInteractions(log, { signal: gone.signal });
    await (await denoise(clicks, { signal: gone.signal })).write(clean);
    await pipeline(createReadStream(clean), response.setHeader("content-type", "text/csv"));
  } catch (error) {
    const ours = error instanceof ProRecError; // the log is wrong, and the message says where
    if (!response.headersSent) response.writeHead(ours ? 422 : 500).end(ours ? `${error.message}\n` : "");
    if (!ours) console.error(error);
  } finally {
    await rm(folder, { recursive: true });
  }
});
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`Listening on http://localhost:${server.address().port}/`);
});
