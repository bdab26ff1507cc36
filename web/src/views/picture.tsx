import { useEffect, useRef, useState } from "preact/hooks";
import type { Overview, PictureCell } from "../../../src/server/messages.ts";
import { get, getBytes } from "../api.ts";
import { count, number, plural } from "../format.ts";
import { link, useDecisions, useMedia, useWidth } from "../hooks.ts";
import { colours, draw, type Layers, type Part } from "../parts/matrix.ts";
import { Problem } from "../parts/problem.tsx";

const HEIGHT = 520;
/** A pair is at most so many pixels wide. */
const WIDEST = 32;
/** Pairs up to which those that the user prefers are asked for. */
const PREFERRED = 20_000;

/** Where a zoom without a point leads: on from the full corner, then into the middle. */
function middle([from]: readonly [number, number]): number {
  return from === 0 ? 0 : 0.5;
}

/** The matrix of users and items, zoomable: where clicks are, which are flagged, what they weigh now. */
export function PictureView({ overview }: { overview: Overview }) {
  useDecisions();
  const [frame, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole: Part = { users: [0, overview.users], items: [0, overview.items] };
  const [part, setPart] = useState<Part>(whole);
  const [shown, setShown] = useState<"labels" | "before" | "after">("labels");
  const [layers, setLayers] = useState<Layers>();
  const [error, setError] = useState<Error>();
  const [cell, setCell] = useState<PictureCell>();
  const dark = useMedia("(prefers-color-scheme: dark)");
  const users = part.users[1] - part.users[0];
  const items = part.items[1] - part.items[0];
  const columns = Math.max(1, Math.min(items, Math.floor(width), 1024));
  const rows = Math.min(users, HEIGHT);

  useEffect(() => {
    if (width === 0) return;
    const control = new AbortController();
    const window = new URLSearchParams({
      usersFrom: String(part.users[0]),
      usersTo: String(part.users[1]),
      itemsFrom: String(part.items[0]),
      itemsTo: String(part.items[1]),
    });
    const load = async () => {
      const bytes = await getBytes(`picture?${window}&columns=${columns}&rows=${rows}`, control.signal);
      const size = columns * rows;
      const base = {
        ...{ part, columns, rows },
        counts: new Uint32Array(bytes, 0, size),
        flagged: new Uint32Array(bytes, 4 * size, size),
        weights: new Float32Array(bytes, 8 * size, size),
      };
      setError(undefined);
      setLayers({ ...base, preferred: undefined });
      if (!overview.scores || users * items > PREFERRED || columns < items || rows < users) return;
      const preferred = new Uint8Array(await getBytes(`picture/preferred?${window}`, control.signal));
      setLayers({ ...base, preferred });
    };
    const timer = setTimeout(
      () => load().catch((problem) => control.signal.aborted || setError(problem)),
      layers === undefined ? 0 : 60,
    );
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [part, columns, rows, width]);

  useEffect(() => {
    if (canvas.current === null || layers === undefined || width === 0) return;
    draw(canvas.current, { width, height: HEIGHT }, part, layers, shown, colours());
  }, [layers, part, shown, dark, width]);

  /** Zooms by a factor around a point of the picture, given as shares of its sides. */
  function zoom(factor: number, across = middle(part.items), down = middle(part.users)): void {
    const span = (
      range: readonly [number, number],
      most: number,
      point: number,
      pixels: number,
    ): [number, number] => {
      const now = range[1] - range[0];
      const next = Math.max(
        Math.min(most, Math.ceil(pixels / WIDEST)),
        Math.min(most, Math.round(now / factor)),
      );
      const from = Math.max(0, Math.min(most - next, Math.round(range[0] + point * (now - next))));
      return [from, from + next];
    };
    setPart((now) => ({
      users: span(now.users, overview.users, down, HEIGHT),
      items: span(now.items, overview.items, across, width),
    }));
  }

  function move(across: number, down: number): void {
    const shift = (range: readonly [number, number], most: number, by: number): [number, number] => {
      const size = range[1] - range[0];
      const from = Math.max(0, Math.min(most - size, range[0] + Math.round(by * size)));
      return [from, from + size];
    };
    setPart((now) => ({
      users: shift(now.users, overview.users, down),
      items: shift(now.items, overview.items, across),
    }));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, () => void> = {
      ArrowLeft: () => move(-0.2, 0),
      ArrowRight: () => move(0.2, 0),
      ArrowUp: () => move(0, -0.2),
      ArrowDown: () => move(0, 0.2),
      "+": () => zoom(1.6),
      "=": () => zoom(1.6),
      "-": () => zoom(1 / 1.6),
      "0": () => setPart(whole),
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey) return;
    step();
    event.preventDefault();
  }

  const pointer = useRef<{ x: number; y: number; part: Part } | undefined>(undefined);
  const place = (event: { offsetX: number; offsetY: number }) => ({
    across: Math.max(0, Math.min(0.9999, event.offsetX / width)),
    down: Math.max(0, Math.min(0.9999, event.offsetY / HEIGHT)),
  });
  const asked = useRef<AbortController>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  function look(event: PointerEvent): void {
    const { across, down } = place(event);
    const user = part.users[0] + Math.floor(down * users);
    const item = part.items[0] + Math.floor(across * items);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      asked.current?.abort();
      asked.current = new AbortController();
      get<PictureCell>(`picture/cell?user=${user}&item=${item}`, asked.current.signal).then(
        setCell,
        () => {},
      );
    }, 60);
  }

  function onPointerMove(event: PointerEvent): void {
    const start = pointer.current;
    if (start === undefined) {
      look(event);
      return;
    }
    const drag = (
      range: readonly [number, number],
      most: number,
      pixels: number,
      side: number,
    ): [number, number] => {
      const size = range[1] - range[0];
      const from = Math.max(0, Math.min(most - size, range[0] - Math.round((pixels / side) * size)));
      return [from, from + size];
    };
    setPart({
      users: drag(start.part.users, overview.users, event.offsetY - start.y, HEIGHT),
      items: drag(start.part.items, overview.items, event.offsetX - start.x, width),
    });
  }

  useEffect(() => {
    const element = canvas.current!;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault(); // needs a listener that is not passive
      const { across, down } = place(event);
      zoom(1.002 ** -event.deltaY, across, down);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });

  const near = layers?.preferred !== undefined;
  return (
    <div class="stack">
      <section class="lead">
        <h1>The matrix</h1>
        <p class="muted">
          Users from top to bottom, the most active first; items from left to right, the most popular first.
          Zoom in until pairs become boxes: hollow ones are items that a user prefers by the plan but never
          clicked.
        </p>
      </section>
      <section class="card">
        <div class="card-head">
          <div class="segments" role="group" aria-label="What the colour says">
            {(
              [
                ["labels", "Labels"],
                ["before", "Before"],
                ["after", "New weights"],
              ] as const
            ).map(([name, text]) => (
              <button key={name} type="button" aria-pressed={shown === name} onClick={() => setShown(name)}>
                {text}
              </button>
            ))}
          </div>
          <div class="buttons">
            <button type="button" class="button" onClick={() => zoom(1.6)}>
              Zoom in
            </button>
            <button type="button" class="button" onClick={() => zoom(1 / 1.6)}>
              Zoom out
            </button>
            <button type="button" class="button" onClick={() => setPart(whole)}>
              Whole
            </button>
          </div>
        </div>
        {error !== undefined && <Problem error={error} />}
        <div ref={frame} class="picture" style={{ height: `${HEIGHT}px` }}>
          <canvas
            ref={canvas}
            tabIndex={0}
            role="img"
            aria-label={`Clicks of ${count(users)} users and ${count(items)} items. Arrow keys move, plus and minus zoom, 0 shows the whole. The same rows are in the view Rows.`}
            onKeyDown={onKeyDown}
            onPointerDown={(event) => {
              pointer.current = { x: event.offsetX, y: event.offsetY, part };
              event.currentTarget.setPointerCapture(event.pointerId);
            }}
            onPointerUp={() => (pointer.current = undefined)}
            onPointerCancel={() => (pointer.current = undefined)}
            onPointerMove={onPointerMove}
            onDblClick={(event) => {
              const { across, down } = place(event);
              zoom(2.5, across, down);
            }}
          />
        </div>
        <div class="card-head small muted">
          <span role="status">
            {plural(users, "user")} ({count(part.users[0] + 1)}–{count(part.users[1])}) ×{" "}
            {plural(items, "item")} ({count(part.items[0] + 1)}–{count(part.items[1])})
          </span>
          <span class="legend">
            {shown === "labels" ? (
              <>
                <span class="swatch swatch-kept" /> kept <span class="swatch swatch-flagged" /> flagged
              </>
            ) : (
              <>
                <span class="ramp" /> weight 0 to 1
              </>
            )}
            {near && (
              <>
                <span class="swatch swatch-hollow" /> preferred, not clicked
              </>
            )}
          </span>
        </div>
        <p class="picture-cell">
          {cell === undefined ? (
            <span class="muted">Point at the picture to see a pair.</span>
          ) : (
            <>
              <a href={link("user", { id: cell.user })}>{cell.userId}</a> and{" "}
              <a href={link("rows", { item: cell.item })}>{cell.title ?? cell.itemId}</a>
              {cell.row === null ? (
                <span class="muted">: no click</span>
              ) : (
                <>
                  :{" "}
                  <span class={cell.row.noise ? "is-flagged" : "is-kept"}>
                    {cell.row.noise ? "flagged" : "kept"}
                  </span>
                  , rank {count(cell.row.rank)}, weight {number(cell.row.weight)}
                </>
              )}
            </>
          )}
        </p>
      </section>
    </div>
  );
}
