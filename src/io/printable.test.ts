import { describe, expect, it } from "vitest";
import { inertJson, printable, printablePath } from "./printable.ts";

describe("printable", () => {
  it("escapes what changes a terminal or hides", () => {
    expect(printable("\u001b[31mred\u0007\u0000")).toBe("\\u{1b}[31mred\\u{7}\\u{0}");
    expect(printable("a\nb\rc\td\u2028\u009b")).toBe("a\\nb\\rc\\td\\u{2028}\\u{9b}");
    expect(printable("user\u202e\u2066\ufeff\u200b")).toBe("user\\u{202e}\\u{2066}\\u{feff}\\u{200b}");
    expect(printable("\ud800x")).toBe("\\u{d800}x");
  });

  it("leaves text and emoji alone", () => {
    expect(printable("Zoë 👩‍👩‍👧 007")).toBe("Zoë 👩‍👩‍👧 007");
  });

  it("cuts long values, not paths, and never through a pair", () => {
    expect(printable("x".repeat(81))).toBe(`${"x".repeat(80)}...`);
    expect(printable(`${"x".repeat(79)}😀y`)).toBe(`${"x".repeat(79)}...`);
    expect(printablePath("/x".repeat(100))).toBe("/x".repeat(100));
  });
});

describe("inertJson", () => {
  it("writes integers beyond 2^53 as strings and escapes astral format characters unit by unit", () => {
    expect(inertJson({ id: 2n ** 63n })).toBe('{"id":"9223372036854775808"}');
    expect(inertJson("\u{e0041}")).toBe('"\\udb40\\udc41"');
  });
});
