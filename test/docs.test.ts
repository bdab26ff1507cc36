import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog } from "./logs.ts";
import { prorec, ROOT } from "./process.ts";

const folder = temporaryFolder();

it("the documentation has every command's help, and no broken link", async () => {
  const site = `${folder.path}/site`;
  const output = execFileSync(process.execPath, [`${ROOT}scripts/build-docs.mjs`, site, "--no-api"]);
  expect(output.toString()).toContain("\n0 broken links.");
  const page = readFileSync(`${site}/commands.html`, "utf8");
  for (const command of ["denoise", "evaluate", "noise inject"])
    expect(page).toContain(`>prorec ${command}</h`);
  const { stdout } = await prorec(["denoise", "--help"]);
  const flags = stdout.match(/--[a-z][a-z-]+/g)!;
  expect(flags.length).toBeGreaterThan(20);
  for (const flag of flags) expect(page).toContain(flag);
}, 180_000);

it("the quick start's commands work as they stand there", async () => {
  folder.file("clicks.csv", delimited(groupLog()));
  const commands = readFileSync(`${ROOT}docs/quick-start.md`, "utf8").match(/(?<=^npx prorec ).*$/gm)!;
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands.filter((each) => !each.startsWith("explore "))) {
    const { exit, stderr } = await prorec(command.split(" "), { cwd: folder.path });
    expect([command, exit, stderr]).toEqual([command, 0, expect.any(String)]);
  }
}, 60_000);

it("a link that leads to no page or no heading is found", () => {
  folder.file(
    "good.html",
    `<h1 id="top">Top</h1> <a href="#top">1</a> <a href="https://example.com/x#y">2</a>`,
  );
  folder.file(
    "bad.html",
    `<a href="nowhere.html">1</a> <a href="good.html#top">2</a> <a href="good.html#no">3</a>`,
  );
  const check = spawnSync(process.execPath, [`${ROOT}scripts/check-links.mjs`, folder.path], {
    encoding: "utf8",
  });
  expect(check.status).toBe(1);
  expect(check.stderr).toBe("bad.html: nowhere.html is no file.\nbad.html: good.html#no is no heading.\n");
});
