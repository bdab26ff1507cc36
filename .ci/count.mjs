// count.mjs REPORT STATUS: the totals of Vitest's JSON report as "PASSED FAILED SKIPPED", then the names of the
// failed and of the skipped tests. A run that failed without a failed test (no report, nothing ran, an error outside tests) is one failure.
import { readFileSync } from "node:fs";

const [report, status] = process.argv.slice(2);
const files = readReport();
const tests = files.flatMap((file) => file.assertionResults);
const failedTests = tests.filter((test) => test.status === "failed");
const failedFiles = files.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
);
const passed = tests.filter((test) => test.status === "passed").length;
const skipped = tests.filter((test) => !["passed", "failed"].includes(test.status));
const failed = [
  ...failedFiles.map(({ name }) => name),
  ...failedTests.map(({ fullName }) => fullName.trim()),
];
if (failed.length === 0 && (status !== "0" || tests.length === 0))
  failed.push(`the run itself (exit ${status})`);

console.log(passed, failed.length, skipped.length);
for (const name of failed) console.log(`failed: ${name}`);
for (const test of skipped) console.log(`skipped: ${test.fullName.trim()}`);

function readReport() {
  try {
    return JSON.parse(readFileSync(report, "utf8")).testResults;
  } catch {
    return [];
  }
}
