import type { Cell } from "./rows.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A cell as text: null is empty, numbers are written so that they read back the same, dates in ISO 8601,
 * bytes as the UTF-8 they hold or else in hexadecimal, so that different bytes stay different.
 */
export function cellText(cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (cell === null) return "";
  if (cell instanceof Date) return cell.toISOString();
  if (!(cell instanceof Uint8Array)) return String(cell);
  try {
    return utf8.decode(cell);
  } catch {
    return `0x${Buffer.from(cell).toString("hex")}`;
  }
}
