// Builds what runs in a browser into the folder given (dist): browser/, the library as one module beside its worker, and
// drop/, the page that cleans a dropped file. There `name.browser.ts` takes the place of `name.ts`.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = process.argv[2] ?? `${root}dist`;

const inTheBrowser = {
  name: "in-the-browser",
  enforce: "pre",
  async resolveId(source, importer) {
    if (!source.startsWith(".") || !source.endsWith(".ts")) return;
    const resolved = await this.resolve(source, importer, { skipSelf: true });
    const replaced = resolved?.id.replace(/\.ts$/, ".browser.ts");
    return replaced && existsSync(replaced) ? replaced : resolved;
  },
};

const common = {
  configFile: false,
  logLevel: "error",
  base: "./",
  publicDir: false,
  plugins: [inTheBrowser],
  worker: { format: "es", plugins: () => [inTheBrowser] },
};

await build({
  ...common,
  root,
  build: {
    outDir: `${out}/browser`,
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    lib: { entry: `${root}src/browser.ts`, formats: ["es"], fileName: () => "index.js" },
  },
});

await build({
  ...common,
  root: `${root}web/drop`,
  build: {
    outDir: `${out}/drop`,
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    assetsInlineLimit: 0,
  },
});
