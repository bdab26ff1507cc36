// Builds the documentation as static pages: docs/*.md, the commands' --help and, unless --no-api is given, TypeDoc's
// reference. Fails where a link leads nowhere.
//   node scripts/build-docs.mjs [FOLDER] [--no-api]      (default: site)
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Marked } from "marked";

const root = fileURLToPath(new URL("..", import.meta.url));
const api = !process.argv.includes("--no-api");
const site = resolve(
  process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? join(root, "site"),
);

/** The pages in the order of the menu; others of docs/ come behind. */
const FIRST = ["index", "quick-start", "guide", "limits", "comparison", "method", "transports", "browser"];
const found = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const names = found.map((name) => name.slice(0, -3));
names.sort((left, right) => place(left) - place(right) || left.localeCompare(right));

rmSync(site, { recursive: true, force: true });
mkdirSync(site, { recursive: true });
cpSync(join(root, "docs"), site, {
  recursive: true,
  filter: (path) => !path.endsWith(".md") && relative(join(root, "docs"), path) !== "api",
});
writeFileSync(
  join(site, "style.css"),
  readFileSync(join(root, "web/theme.css"), "utf8") + readFileSync(join(root, "web/docs.css"), "utf8"),
);
if (existsSync(join(root, "dist/drop")))
  cpSync(join(root, "dist/drop"), join(site, "drop"), { recursive: true });

const pages = [
  ...names.map((name) => ({ name, text: readFileSync(join(root, "docs", `${name}.md`), "utf8") })),
  { name: "commands", text: commandPage() },
];
for (const page of pages) page.title = /^# (.*)$/m.exec(page.text)[1];
for (const page of pages) writeFileSync(join(site, `${page.name}.html`), rendered(page));
if (api)
  execFileSync(
    process.execPath,
    [join(root, "node_modules/typedoc/bin/typedoc"), "--out", join(site, "api")],
    { cwd: root, stdio: "inherit" },
  );

console.log(`${pages.length} pages in ${relative(process.cwd(), site) || "."}.`);
execFileSync(process.execPath, [join(root, "scripts/check-links.mjs"), site], { stdio: "inherit" });

function place(name) {
  const at = FIRST.indexOf(name);
  return at < 0 ? FIRST.length : at;
}

/** What every command says of itself. */
function commandPage() {
  const help = (...command) =>
    execFileSync(process.execPath, [join(root, "dist/cli/main.js"), ...command, "--help"], {
      encoding: "utf8",
      env: { ...process.env, COLUMNS: "100", NO_COLOR: "1" },
    });
  const below = (text) =>
    [...(/^Commands:\n(.*?)(\n\n|$(?![\s\S]))/ms.exec(text)?.[1] ?? "").matchAll(/^ {2}([a-z][a-z-]*)/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== "help");
  const parts = ["# Every command\n\nWhat `--help` prints, as it is in this version.\n"];
  const describe = (command) => {
    const text = help(...command);
    parts.push(
      `${command.length > 1 ? "###" : "##"} prorec ${command.join(" ")}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`,
    );
    for (const name of below(text)) describe([...command, name]);
  };
  for (const name of below(help())) describe([name]);
  return parts.join("\n");
}

function rendered({ name, text, title }) {
  const taken = new Map();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const inner = this.parser.parseInline(tokens);
        const base = inner
          .replace(/<[^>]*>/g, "")
          .toLowerCase()
          .replace(/&[a-z#0-9]+;/g, "")
          .replace(/[^\p{L}\p{N} _-]/gu, "")
          .replaceAll(" ", "-");
        const count = taken.get(base) ?? 0;
        taken.set(base, count + 1);
        return `<h${depth} id="${count === 0 ? base : `${base}-${count}`}">${inner}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        if (href.startsWith("../")) return inner; // a file of the repository, which is no page
        return `<a href="${href.replace(/\.md(?=#|$)/, ".html")}">${inner}</a>`;
      },
      table(token) {
        const row = (cells, tag) =>
          `<tr>${cells.map((cell) => `<${tag}${cell.align ? ` class="${cell.align}"` : ""}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("")}</tr>`;
        return `<div class="scroll" tabindex="0"><table><thead>${row(token.header, "th")}</thead><tbody>${token.rows.map((cells) => row(cells, "td")).join("\n")}</tbody></table></div>\n`;
      },
    },
  });
  const menu = [
    ...pages.map((page) => ({ href: `${page.name}.html`, title: page.title, here: page.name === name })),
    ...(api ? [{ href: "api/index.html", title: "Library reference" }] : []),
  ];
  const links = menu.map(
    ({ href, title, here }) =>
      `<li><a href="${href}"${here ? ' aria-current="page"' : ""}>${escaped(title)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
<nav aria-label="Pages"><ul>${links.join("\n")}</ul></nav>
<main>${marked.parse(text)}</main>
</body>
</html>
`;
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`).replaceAll("`", "");
}
