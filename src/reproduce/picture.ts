import type { PlotOptions } from "@observablehq/plot";

/** Colours that are read on white and on black. */
export const COLOURS = { blue: "#3f87d9", orange: "#d9772b", green: "#2f9e6a", grey: "#8a8f98" } as const;

const STYLE = `
.picture { background: #fff; color: #1f2328; font: 13px system-ui, sans-serif }
@media (prefers-color-scheme: dark) { .picture { background: #0d1117; color: #e6edf3 } }
`;

/** A plot as an SVG file that follows the reader's light or dark theme; `title` is for those who can't see it. */
export async function picture(title: string, options: PlotOptions): Promise<string> {
  const [{ plot }, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<!doctype html><body></body>");
  const svg = plot({ width: 520, style: { fontSize: "13px" }, ...options, document: document as never });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("class", "picture");
  svg.setAttribute("role", "img");
  for (const style of svg.querySelectorAll("style")) style.remove();
  const name = document.createElement("title");
  name.textContent = title;
  const style = document.createElement("style");
  style.textContent = STYLE;
  svg.prepend(name, style as never);
  return `${svg.outerHTML}\n`;
}
