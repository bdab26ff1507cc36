import type { Output } from "./atomic.ts";
import { cellText } from "./cell.ts";
import type { Column, RowSink } from "./rows.ts";
import { encoded } from "./utf8.ts";

/**
 * Writes rows as delimited text with a header: one line feed a row, cells quoted where they must be (RFC 4180), null
 * and the empty text both as nothing.
 */
export function delimitedSink(output: Output, columns: readonly Column[], delimiter: "," | "\t"): RowSink {
  const special = delimiter === "," ? /[",\n\r\ufeff]/ : /["\t\n\r\ufeff]/;
  const quoted = (text: string) => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  let text = `${columns.map(({ name }) => quoted(name)).join(delimiter)}\n`;
  const flush = async () => {
    const bytes = encoded(text);
    text = "";
    await output.write(bytes);
  };
  return {
    async write(cells, length) {
      for (let row = 0; row < length; row++) {
        for (let column = 0; column < cells.length; column++) {
          if (column > 0) text += delimiter;
          const cell = cells[column]![row]!;
          text += typeof cell === "number" ? cell : quoted(cellText(cell));
        }
        text += "\n";
      }
      await flush();
    },
    async commit() {
      await flush();
      await output.commit();
    },
    abandon: () => output.abandon(),
  };
}
