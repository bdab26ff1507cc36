// release.mjs VERSION [--publish]: makes a release of what is committed. package.json and CHANGELOG.md must say VERSION
// already; everything is checked, the package is packed and the commit tagged. Only --publish sends anything away.
//   node scripts/release.mjs 0.2.0
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [version, ...flags] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version ?? "") || flags.some((flag) => flag !== "--publish")) {
  stop("Usage: node scripts/release.mjs VERSION [--publish], for example 0.2.0");
}
const problems = [...wrongTree(), ...wrongVersion(), ...wrongChangelog()];
if (problems.length > 0) stop(...problems);

run("npm", "run", "check");
run("npm", "run", "package");
run(process.execPath, "scripts/check-package.mjs");
if (text("git", "status", "--porcelain") !== "") stop("The checks changed files; commit or undo that first.");
run("git", "tag", "--annotate", `v${version}`, "--message", `ProRec ${version}`);
const tarball = `prorec-${version}.tgz`;
if (flags.includes("--publish")) {
  run("npm", "publish", tarball);
  console.log(`Published. To share the tag: git push origin v${version}`);
} else {
  console.log(`${tarball} and the tag v${version} are made, and nothing is published.`);
  console.log(`To publish: npm publish ${tarball} && git push origin v${version}`);
}

function wrongTree() {
  const changed = text("git", "status", "--porcelain");
  const tagged = text("git", "tag", "--list", `v${version}`);
  return [
    ...(changed === "" ? [] : [`There are changes that are not committed:\n${changed}`]),
    ...(tagged === "" ? [] : [`There is a tag v${version} already.`]),
  ];
}

function wrongVersion() {
  const files = ["package.json", "package-lock.json"];
  return files
    .map((file) => [file, JSON.parse(readFileSync(file, "utf8")).version])
    .filter(([, found]) => found !== version)
    .map(
      ([file, found]) =>
        `${file} says version ${found}, not ${version}: npm version --no-git-tag-version ${version}`,
    );
}

/** The newest heading must be this version's, with a date and lines under it. */
function wrongChangelog() {
  const sections = readFileSync("CHANGELOG.md", "utf8").split(/^## /m).slice(1);
  const [heading, ...lines] = (sections[0] ?? "").trim().split("\n");
  const [, found, date] = /^(\S+) \((\d{4}-\d{2}-\d{2})\)$/.exec(heading) ?? [];
  if (found !== version) {
    return [`CHANGELOG.md's newest heading is "${heading}", not "${version} (YYYY-MM-DD)".`];
  }
  if (Number.isNaN(Date.parse(date))) return [`CHANGELOG.md: ${date} is no date.`];
  return lines.some((line) => line.startsWith("- ")) ? [] : [`CHANGELOG.md says nothing about ${version}.`];
}

function text(...command) {
  return execFileSync(command[0], command.slice(1), { encoding: "utf8" }).trimEnd();
}

function run(...command) {
  console.log(`\n$ ${command.join(" ")}`);
  try {
    execFileSync(command[0], command.slice(1), { stdio: "inherit" });
  } catch {
    stop(`It failed: ${command.join(" ")}`);
  }
}

function stop(...lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}
