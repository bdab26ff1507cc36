import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * The files of a folder by their path in an address, read once. Nothing else can be asked for: an address is looked up among
 * them and never becomes a path.
 */
export function readAssets(folder: string): ReadonlyMap<string, Asset> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = TYPES[/\.\w+$/.exec(name)?.[0] ?? ""];
    if (type !== undefined) {
      assets.set(`/${name.split(sep).join("/")}`, {
        type,
        bytes: new Uint8Array(readFileSync(join(folder, name))),
      });
    }
  }
  const index = assets.get("/index.html");
  if (index !== undefined) assets.set("/", index);
  return assets;
}
