import { expect, it } from "vitest";
import { cellText } from "./cell.ts";
import { Instant } from "./instant.ts";
import type { Cell } from "./rows.ts";

it.each<[Cell, string]>([
  ["007", "007"],
  [null, ""],
  [0.1, "0.1"],
  [9007199254740993n, "9007199254740993"],
  [true, "true"],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [new Instant(1_700_000_000_123_456_700n), "2023-11-14T22:13:20.1234567Z"],
  [new Instant(-1n), "1969-12-31T23:59:59.999999999Z"],
  [new Instant(5_000_000n), "1970-01-01T00:00:00.005Z"],
  [new TextEncoder().encode("é"), "é"],
  [Uint8Array.of(255, 1), "0xff01"],
])("the text of %s is %j", (cell, text) => expect(cellText(cell)).toBe(text));
