import type { ComponentChildren } from "preact";
import type { Histogram } from "../../../src/server/messages.ts";
import { count, percent } from "../format.ts";

interface BarsProps {
  readonly label: string;
  readonly histogram: Histogram;
  /** A bar's range in words. */
  range(low: number, high: number): string;
  /** Text under some edges. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** Each bar fills the height: shares instead of counts. */
  readonly shares?: boolean;
  readonly caption?: ComponentChildren;
}

/** Kept and flagged interactions from edge to edge, stacked. The figures are also a table, for those who listen. */
export function Bars({ label, histogram, range, ticks, shares = false, caption }: BarsProps) {
  const { edges, kept, flagged } = histogram;
  const sums = kept.map((value, bin) => value + flagged[bin]!);
  const most = Math.max(1, ...sums);
  const height = (value: number, bin: number) => `${(100 * value) / (shares ? sums[bin] || 1 : most)}%`;
  return (
    <figure class="bars">
      <div class="bars-plot" aria-hidden="true">
        {sums.map((sum, bin) => (
          <div
            key={edges[bin]}
            class="bars-bin"
            title={`${range(edges[bin]!, edges[bin + 1]!)}: ${count(sum)}${sum > 0 ? `, ${percent(flagged[bin]! / sum)} flagged` : ""}`}
          >
            <i class="bar-kept" style={{ height: height(kept[bin]!, bin) }} />
            <i class="bar-flagged" style={{ height: height(flagged[bin]!, bin) }} />
          </div>
        ))}
      </div>
      <div class="bars-axis" aria-hidden="true">
        {ticks.map(({ at, text }) => (
          <span key={at} style={{ left: `${(100 * at) / kept.length}%` }}>
            {text}
          </span>
        ))}
      </div>
      {caption !== undefined && <figcaption class="small muted">{caption}</figcaption>}
      <div class="hidden">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">Range</th>
              <th scope="col">Kept</th>
              <th scope="col">Flagged</th>
            </tr>
          </thead>
          <tbody>
            {sums.map((sum, bin) =>
              sum === 0 ? null : (
                <tr key={edges[bin]}>
                  <th scope="row">{range(edges[bin]!, edges[bin + 1]!)}</th>
                  <td>{count(kept[bin]!)}</td>
                  <td>{count(flagged[bin]!)}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** Which colour is which. */
export function Legend() {
  return (
    <p class="legend small muted">
      <span class="swatch swatch-kept" /> kept <span class="swatch swatch-flagged" /> flagged
    </p>
  );
}
