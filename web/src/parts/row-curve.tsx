import type { Curve, Row } from "../../../src/server/messages.ts";
import { count, number, tenTo } from "../format.ts";
import { useWidth } from "../hooks.ts";

interface RowCurveProps {
  readonly curve: Curve;
  readonly items: number;
  readonly rows: readonly Row[];
  readonly kappa: number;
  readonly ownKappa: number;
  readonly threshold: number;
}

const HEIGHT = 280;
const MARGIN = { top: 18, right: 14, bottom: 30, left: 48 };
/** Tenfolds below the largest match that are drawn. */
const DEPTH = 6;

/** A user's row of the plan, sorted: match over rank, both by powers of ten; clicks are dots, kappa and theta lines. */
export function RowCurve({ curve, items, rows, kappa, ownKappa, threshold }: RowCurveProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const { ranks, matches } = curve;
  const high = Math.log10(Math.max(...matches.slice(0, 50), 1e-30));
  const low = Math.max(high - DEPTH, Math.log10(Math.max(matches.at(-1) ?? 0, 1e-30)) - 0.1);
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const last = Math.log10(Math.max(2, items));
  const x = (rank: number) => MARGIN.left + (inner.width * Math.log10(Math.max(1, rank))) / last;
  const y = (match: number) => {
    const level = Math.max(low, Math.log10(Math.max(match, 1e-38)));
    return MARGIN.top + (inner.height * (high - level)) / Math.max(1e-9, high - low);
  };
  const path = ranks.map(
    (rank, index) => `${index === 0 ? "M" : "L"}${x(rank).toFixed(1)} ${y(matches[index]!).toFixed(1)}`,
  );
  // Lines of no length with round ends: one element for all dots, where a thousand would make the slider slow.
  const points = (isShown: (row: Row) => boolean) =>
    rows
      .filter(isShown)
      .map((row) => `M${x(row.rank).toFixed(1)} ${y(row.match).toFixed(1)}h0`)
      .join("");
  const size = rows.length > 60 ? 6 : 9;
  const rankTicks = Array.from({ length: Math.floor(last) + 1 }, (_, power) => 10 ** power);
  const matchTicks = Array.from(
    { length: Math.floor(high) - Math.ceil(low) + 1 },
    (_, index) => Math.ceil(low) + index,
  );
  const few = matchTicks.filter((_, index) => matchTicks.length <= 4 || index % 2 === 0);
  const kappaAt = x(Math.max(1, kappa));
  return (
    <div ref={frame} class="curve">
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`Match over rank. The threshold keeps ${count(kappa)} of ${count(items)} items; the run's own ${count(ownKappa)}.`}
        >
          {few.map((power) => (
            <g key={power}>
              <line
                class="grid"
                x1={MARGIN.left}
                x2={width - MARGIN.right}
                y1={y(10 ** power)}
                y2={y(10 ** power)}
              />
              <text class="tick" x={MARGIN.left - 8} y={y(10 ** power) + 4} text-anchor="end">
                {power >= -3 ? number(10 ** power) : tenTo(power)}
              </text>
            </g>
          ))}
          {rankTicks.map((rank) => (
            <text
              key={rank}
              class="tick"
              x={x(rank)}
              y={HEIGHT - 10}
              text-anchor={rank === 1 ? "start" : "middle"}
            >
              {count(rank)}
            </text>
          ))}
          <rect
            class="kept-area"
            x={MARGIN.left}
            y={MARGIN.top}
            width={Math.max(0, kappaAt - MARGIN.left)}
            height={inner.height}
          />
          <path class="row-line" d={path.join("")} />
          {threshold > 0 && Number.isFinite(threshold) && (
            <line
              class="theta"
              x1={MARGIN.left}
              x2={width - MARGIN.right}
              y1={y(threshold)}
              y2={y(threshold)}
            />
          )}
          <line class="kappa" x1={kappaAt} x2={kappaAt} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
          <text
            class="kappa-text"
            x={kappaAt + (kappaAt > width * 0.75 ? -6 : 6)}
            y={MARGIN.top - 5}
            text-anchor={kappaAt > width * 0.75 ? "end" : "start"}
          >
            κ = {count(kappa)}
          </text>
          <path class="points is-flagged" stroke-width={size} d={points((row) => row.match < threshold)} />
          <path class="points is-kept" stroke-width={size} d={points((row) => row.match >= threshold)} />
        </svg>
      )}
      <p class="small muted axis-title">Rank among all items →</p>
    </div>
  );
}
