import { Html } from "./html.ts";

/** The look of a report: light and dark, phone and paper. */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --surface: #fff; --line: #e2e2dc; --text: #1d1e1b; --muted: #5d5e57;
  --kept: #2f6fb5; --flagged: #b4511a; --grid: #1d1e1b;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #161715; --surface: #1e1f1d; --line: #32332f; --text: #ecece6; --muted: #a5a69d;
    --kept: #6ca6e3; --flagged: #e89560; --grid: #ecece6;
  }
}
* { box-sizing: border-box }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 400 15px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main { max-width: 62rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr) }
header { margin-bottom: .5rem }
h1, h2 { margin: 0; font-weight: 600; line-height: 1.25; letter-spacing: -.01em }
h1 { font-size: 1.75rem; overflow-wrap: anywhere }
h2 { font-size: 1.125rem; margin-bottom: 1rem }
p { margin: 0; max-width: 44rem }
p + p, p + div, div + p, dl + p, p + dl, pre + p, p + pre, figure + p, figure + div, div + figure, dl + figure, p + figure { margin-top: .75rem }
.kind { font-size: 13px; color: var(--muted); margin-bottom: .25rem }
.lead { font-size: 1.125rem; margin-top: .75rem }
.muted, figcaption span { color: var(--muted) }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 1.5rem }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1.25rem 1rem; margin: 0 }
.figures dt { font-size: 13px; color: var(--muted) }
.figures dd { margin: 0; font-size: 1.375rem; letter-spacing: -.01em }
.terms { margin: 0; display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .6rem 1.5rem }
.terms dt { font-weight: 600; overflow-wrap: anywhere }
.terms dd { margin: 0; max-width: 44rem }
.scroll { overflow-x: auto; margin: 0 -1.5rem; padding: 0 1.5rem }
table { border-collapse: collapse; width: 100%; font-size: 14px }
th { font-size: 13px; font-weight: 500; color: var(--muted); text-align: left; vertical-align: bottom }
th, td { padding: .45rem 1.25rem .45rem 0; border-bottom: 1px solid var(--line) }
th:last-child, td:last-child { padding-right: 0 }
td { vertical-align: top }
td.text { min-width: 6.5rem }
td.text:first-child { min-width: 9rem }
.number { text-align: right; white-space: nowrap }
.id { font-weight: 550; overflow-wrap: anywhere }
pre { margin: 0; padding: .75rem 1rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; font-size: 14px }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 2rem 2.5rem }
.pictures + p, p + .pictures { margin-top: 1.25rem }
figure { margin: 0; min-width: 0 }
figcaption { font-size: 14px; margin-bottom: .5rem }
figcaption strong { font-weight: 600; display: block; overflow-wrap: anywhere }
svg { display: block; max-width: 100%; height: auto; overflow: visible }
.keys { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: 13px; color: var(--muted); margin-bottom: 1rem }
.keys span::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .45em; border-radius: 2px; background: var(--key) }
.examples { list-style: none; margin: 0; padding: 0 }
.examples li { padding: .75rem 0; border-top: 1px solid var(--line) }
.examples li:first-child { border-top: 0; padding-top: 0 }
.examples p { color: var(--muted); max-width: none; overflow-wrap: anywhere }
@media (max-width: 640px) {
  main { padding: 1.75rem .9rem 2.5rem; gap: 1rem }
  section { padding: 1.1rem 1rem }
  .scroll { margin: 0 -1rem; padding: 0 1rem }
  .terms { grid-template-columns: 1fr; gap: .1rem }
  .terms dd { margin-bottom: .75rem }
  h1 { font-size: 1.4rem }
}
@media print {
  @page { margin: 14mm }
  body { background: none; font-size: 10.5pt }
  main { padding: 0; gap: 1rem; max-width: none; display: block }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 1rem 0 }
  .scroll { overflow: visible; margin: 0; padding: 0 }
  pre { white-space: pre-wrap }
  h2 { break-after: avoid }
  figure, tr, .figures, .examples li, .terms dd { break-inside: avoid }
  .terms dt { break-after: avoid }
  .pictures { grid-template-columns: 1fr 1fr; gap: 1.25rem 1.5rem }
}
`);
