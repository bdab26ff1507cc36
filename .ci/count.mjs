// count.mjs REPORT STATUS: the totals of Vitest's JSON report as "PASSED FAILED SKIPPED", then the names of the
// skipped tests. A run that failed without a failed test (no report, nothing ran, an error outside tests) is one failure.
import { readFileSync } from "node:fs";

const [report, status] = process.argv.slice(2);
const files = readReport();
const tests = files.flatMap((file) => file.assertionResults);
const failedTests = tests.filter((test) => test.status === "failed").length;
const failedFiles = files.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
).length;
const passed = tests.filter((test) => test.status === "passed").length;
const skipped = tests.filter((test) => !["passed", "failed"].includes(test.status));
const failed = failedTests + failedFiles;
const failedOtherwise = failed === 0 && (status !== "0" || tests.length === 0) ? 1 : 0;

console.log(passed, failed + failedOtherwise, skipped.length);
for (const file of files.filter((each) => each.status === "failed")) console.log(`failed: ${file.name}`);
for (const test of skipped) console.log(`skipped: ${test.fullName.trim()}`);

function readReport() {
  try {
    return JSON.parse(readFileSync(report, "utf8")).testResults;
  } catch {
    return [];
  }
}
