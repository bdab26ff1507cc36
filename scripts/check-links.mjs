// check-links.mjs FOLDER: fails where a link of the folder's own pages leads to no file or no heading of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const pages = readdirSync(folder).filter((name) => name.endsWith(".html"));
const broken = pages.flatMap((page) => {
  const links = [...readFileSync(join(folder, page), "utf8").matchAll(/(?:href|src)="([^"]*)"/g)];
  return links.map(([, link]) => problem(page, link)).filter((found) => found !== undefined);
});
for (const each of broken) console.error(each);
console.log(`${broken.length} broken links.`);
process.exitCode = broken.length > 0 ? 1 : 0;

function problem(page, link) {
  if (/^(https?:|data:|mailto:)/.test(link)) return undefined;
  const [path, anchor] = link.split("#");
  const target = join(folder, path === "" ? page : path);
  if (!existsSync(target)) return `${page}: ${link} is no file.`;
  const reached = !anchor || readFileSync(target, "utf8").includes(`id="${anchor}"`);
  return reached ? undefined : `${page}: ${link} is no heading.`;
}
