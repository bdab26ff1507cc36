// Builds the explorer's page into dist/web, or into the folder named on the command line.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../web", import.meta.url));
const outDir = resolve(process.argv[2] ?? fileURLToPath(new URL("../dist/web", import.meta.url)));

await build({
  root,
  base: "./",
  configFile: false,
  logLevel: "warn",
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
