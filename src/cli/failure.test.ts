import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProRecError, type ProRecErrorCode } from "../errors.ts";
import { failureFrom, formatFailure } from "./failure.ts";

describe("failureFrom", () => {
  it.each<[ProRecErrorCode, number]>([
    ["BAD_ROW", 3],
    ["UNKNOWN_COLUMN", 3],
    ["UNSUPPORTED_FORMAT", 3],
    ["SHAPE_MISMATCH", 3],
    ["CORRUPT_FILE", 3],
    ["UNREADABLE_FILE", 3],
    ["UNWRITABLE_FILE", 3],
    ["INPUT_CHANGED", 3],
    ["NOT_CONVERGED", 4],
    ["TOO_LARGE", 5],
    ["NOT_FITTED", 1],
  ])("ends %s with exit %i", (code, exit) => {
    expect(failureFrom(new ProRecError(code, "message"))?.exit).toBe(exit);
  });

  it("calls everything else a bug", () => {
    for (const error of [new RangeError("Invalid array length"), "text", null]) {
      expect(failureFrom(error)).toMatchObject({ exit: 1, code: "INTERNAL" });
    }
  });

  it("says that memory ran out instead of calling it a bug", () => {
    let error: unknown;
    try {
      new ArrayBuffer(2 ** 52);
    } catch (thrown) {
      error = thrown;
    }
    expect(failureFrom(error)).toMatchObject({ exit: 5, code: "TOO_LARGE" });
  });

  it.each([
    ["error: no such thing\n(Did you mean this?)", "no such thing", /^Did you mean this\?$/],
    ["error: no 'a\nb' here\n(Did you mean one of a, b?)", "no 'a\nb' here", /^Did you mean one of a, b\?$/],
    ["error: no 'a\nb' here", "no 'a\nb' here", /^prorec --help lists/],
    ["--json needs -o FILE.", "--json needs -o FILE.", /^prorec --help lists/],
  ])("splits commander's suggestion off as the hint: %j", (text, message, hint) => {
    const failure = failureFrom(new InvalidArgumentError(text));
    expect(failure).toMatchObject({ exit: 2, code: "BAD_OPTION", message });
    expect(failure?.hint).toMatch(hint);
  });
});

const anyText = fc.string({ unit: "binary" });
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come out
const ACTIVE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

describe("formatFailure", () => {
  it("keeps every message inert on a terminal, one line each for message and hint", () => {
    fc.assert(
      fc.property(anyText, anyText, (message, hint) => {
        const failure = { exit: 3, code: "BAD_ROW", message, hint } as const;
        const text = formatFailure(failure, { json: false, verbose: false });
        expect(text).not.toMatch(ACTIVE);
        expect(text.split("\n")).toHaveLength(3);
      }),
    );
  });

  it("gives JSON that is inert, one line, and reads back as what it was", () => {
    fc.assert(
      fc.property(anyText, anyText, (message, value) => {
        const failure = { exit: 3, code: "BAD_ROW", message, details: { value } } as const;
        const text = formatFailure(failure, { json: true, verbose: false });
        expect(text).not.toMatch(ACTIVE);
        expect(text.indexOf("\n")).toBe(text.length - 1);
        expect(JSON.parse(text)).toEqual({
          error: { code: "BAD_ROW", message, hint: null, details: { value } },
        });
      }),
    );
  });

  it("shows the stack of a bug, of other failures only when asked", () => {
    const bug = failureFrom(new TypeError("oops"))!;
    const data = failureFrom(new ProRecError("BAD_ROW", "oops"))!;
    expect(formatFailure(bug, { json: false, verbose: false })).toContain("failure.test.ts");
    expect(formatFailure(data, { json: false, verbose: false })).toBe("prorec: oops\n");
    expect(formatFailure(data, { json: false, verbose: true })).toContain("failure.test.ts");
  });
});
