import { version } from "../../version.ts";
import { type Content, type Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

/** A report as one file without scripts that asks for nothing from elsewhere. */
export function reportPage({
  title,
  lead,
  sections,
}: {
  readonly title: string;
  /** What it comes to, in a sentence or two. */
  readonly lead: Content;
  readonly sections: readonly Html[];
}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<header><p class="kind">ProRec ${version}</p><h1>${title}</h1><p class="lead">${lead}</p></header>
${sections}
</main>
</body>
</html>
`.text;
}
