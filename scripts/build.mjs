// Builds dist/: the WASM kernels first, then TypeScript and the explorer's page into a new folder that replaces dist/ only
// when complete, then the config file's schema.
import { spawnSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const fresh = `.setup/dist-${process.pid}`;

process.once("exit", () => rmSync(fresh, { recursive: true, force: true }));
run("scripts/build-kernels.mjs");
run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", fresh);
run("scripts/build-web.mjs", `${fresh}/web`);
chmodSync(`${fresh}/cli/main.js`, 0o755);
rmSync("dist", { recursive: true, force: true });
renameSync(fresh, "dist");
run("scripts/build-config-schema.mjs", "dist"); // here, since the program finds package.json above dist/

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
