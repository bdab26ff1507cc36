import type { Cell } from "./rows.ts";
import { decoded } from "./utf8.ts";

/**
 * A cell as text: null is empty, numbers are written so that they read back the same, dates in ISO 8601,
 * bytes as the UTF-8 they hold or else in hexadecimal, so that different bytes stay different.
 */
export function cellText(cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (cell === null) return "";
  if (cell instanceof Date) return cell.toISOString();
  if (!(cell instanceof Uint8Array)) return String(cell);
  return decoded(cell) ?? `0x${Array.from(cell, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
