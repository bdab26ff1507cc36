/** A table as Markdown, its columns aligned so that a terminal shows it well too; the first column is text, the others figures. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(3, ...[name, ...rows.map((row) => row[column]!)].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `| ${padded.join(" | ")} |\n`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [header, rule, ...rows].map(line).join("");
}

/** A number with four decimals and no needless zero before the point; "-" for none. */
export function decimals(value: number | null, digits = 4): string {
  return value === null ? "-" : value.toFixed(digits).replace(/^(-?)0\./, "$1.");
}

/** A whole number with thousands marked. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** A count with its noun, e.g. "1 user", "1,200 users". */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A mean and half of its interval, e.g. ".1840 ±.0084"; the mean alone where there is no interval. */
export function plusMinus({ mean, high }: { readonly mean: number; readonly high: number | null }): string {
  return high === null ? decimals(mean) : `${decimals(mean)} ±${decimals(high - mean)}`;
}

/** A share in per cent, e.g. "84.2%"; "-" for none. */
export function percent(share: number | null): string {
  return share === null ? "-" : `${(100 * share).toFixed(1)}%`;
}

/** A gain relative to what was there, e.g. "+1.8%"; "-" where there was nothing. */
export function relativeGain(difference: number, before: number): string {
  return before === 0 ? "-" : `${difference < 0 ? "" : "+"}${percent(difference / before)}`;
}

/** A p value, e.g. ".0340"; "<.0001" for smaller ones. */
export function pValue(p: number | null): string {
  return p !== null && p < 1e-4 ? "<.0001" : decimals(p);
}
