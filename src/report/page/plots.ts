import type { Markish, PlotOptions } from "@observablehq/plot";
import { Html } from "./html.ts";

/** Colours by what they say; the page's style has their values, in light and dark. */
export const KEPT = "var(--kept)";
export const FLAGGED = "var(--flagged)";
export const MUTED = "var(--muted)";

type Plot = typeof import("@observablehq/plot");

/** Draws pictures as SVG; loads the plotting library, which takes a quarter second. */
export async function openPlots(): Promise<{
  readonly plot: Plot;
  draw(options: PlotOptions & { readonly label: string; readonly marks: Markish[] }): Html;
}> {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<!doctype html><body></body>");
  return {
    plot,
    draw({ label, ...options }) {
      const svg = plot.plot({
        document,
        width: 420,
        height: 220,
        marginLeft: 48,
        marginBottom: 40,
        style: { fontSize: "12px", background: "none", color: "inherit" },
        ...options,
      });
      for (const mark of svg.querySelectorAll("[aria-label]")) mark.removeAttribute("aria-label"); // the picture has one
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", label);
      return new Html(svg.outerHTML);
    },
  };
}
