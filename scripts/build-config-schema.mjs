// build-config-schema.mjs DIST: writes DIST/config.schema.json, the JSON Schema of prorec.config.json, from the commands.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const dist = pathToFileURL(`${resolve(process.argv[2])}/`);
const load = (path) => import(new URL(path, dist).href);
const [{ commands }, { buildProgram }, { configSchema }] = await Promise.all(
  ["cli/commands.js", "cli/run.js", "cli/config-schema.js"].map(load),
);
const schema = configSchema(buildProgram(commands, {}));
writeFileSync(new URL("config.schema.json", dist), `${JSON.stringify(schema)}\n`);
