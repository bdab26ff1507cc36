import { printable } from "../../io/printable.ts";
import { type Content, type Html, html } from "./html.ts";

/** A part of a page under a heading. */
export function section(title: string, ...content: readonly Content[]): Html {
  return html`<section><h2>${title}</h2>${content}</section>
`;
}

export function paragraph(...content: readonly Content[]): Html {
  return html`<p>${content}</p>`;
}

/** Figures that one looks at first. */
export function keyFigures(figures: readonly (readonly [name: string, value: Content])[]): Html {
  return html`<dl class="figures">${figures.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** A table that scrolls by itself where the page is narrow; columns named in `numbers` are set to the right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly Content[])[],
  numbers: readonly string[] = header.slice(1),
): Html {
  const kind = (column: number) => (numbers.includes(header[column]!) ? "number" : "text");
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${header[0]!} and more"><table>
<thead><tr>${header.map((name, column) => html`<th scope="col" class="${kind(column)}">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) => html`<tr>${cells.map((cell, column) => html`<td class="${kind(column)}">${cell}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

/** What names mean. */
export function definitions(terms: readonly (readonly [term: string, meaning: string])[]): Html {
  return html`<dl class="terms">${terms.map(
    ([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`,
  )}</dl>`;
}

/** Pictures side by side as far as there is room. */
export function pictures(...figures: readonly Html[]): Html {
  return html`<div class="pictures">${figures}</div>`;
}

/** A picture under its title; `about` says how to read it. */
export function picture(title: Content, svg: Html, about = ""): Html {
  return html`<figure><figcaption><strong>${title}</strong>${about && html` <span>${about}</span>`}</figcaption>${svg}</figure>`;
}

/** An id as it stands in the log, control characters escaped, apart from the direction of the text around it. */
export function id(text: string): Html {
  return html`<bdi class="id">${printable(text)}</bdi>`;
}

/** The name of a file without its folders. */
export function lastPart(path: string): string {
  return printable(path.split(/[\\/]/).at(-1)!);
}

/** A whole number with thousands marked. */
export function count(value: number): string {
  return value.toLocaleString("en");
}
