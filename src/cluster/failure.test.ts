import { expect, it } from "vitest";
import { ProRecError } from "../errors.ts";
import { unwritable } from "../io/atomic.ts";
import { errorOf, reasonOf } from "./failure.ts";

it("what the system said of a worker's disk comes with the error of the run", () => {
  const full = unwritable(
    "/mnt/prorec/jobs/1/block-3",
    Object.assign(new Error("no space"), { code: "ENOSPC" }),
  );
  const error = errorOf(reasonOf(full), "rowBlock", 3);
  expect(error).toBeInstanceOf(ProRecError);
  expect(error).toMatchObject({
    ...{ code: "UNWRITABLE_FILE", hint: full.hint },
    details: { task: "rowBlock", block: 3, system: "ENOSPC" },
  });
  expect(error.message).toBe(`Block 3 of rowBlock failed on the cluster: ${full.message}`);
});

it("an error without such a name keeps its code and hint", () => {
  const refused = new ProRecError("CORRUPT_FILE", "It is damaged.", {
    details: { key: "a" },
    hint: "Do this.",
  });
  const { details, ...error } = errorOf(reasonOf(refused), "rowBlock", 0) as ProRecError;
  expect(error).toMatchObject({ code: "CORRUPT_FILE", hint: "Do this." });
  expect(details).toEqual({ task: "rowBlock", block: 0 });
});

it.each([new RangeError("n must be positive."), new TypeError("x is no function"), "thrown text"])(
  "a bug stays one: %s",
  (bug) => {
    const error = errorOf(reasonOf(bug), "rowBlock", 0);
    expect(error).not.toBeInstanceOf(ProRecError);
    expect(error).toBeInstanceOf(bug instanceof RangeError ? RangeError : Error);
    expect(error.message).toContain(bug instanceof Error ? bug.message : bug);
  },
);

it("a reason of the queue's own is no JSON", () => {
  const error = errorOf("job stalled more than allowable limit", "rowBlock", 2);
  expect(error).toMatchObject({ code: "UNUSABLE_CLUSTER" });
  expect(error.message).toContain("job stalled more than allowable limit");
});
