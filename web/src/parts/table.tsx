import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { get } from "../api.ts";
import { useMedia } from "../hooks.ts";
import { Problem } from "./problem.tsx";

export interface TableColumn<Row, Key extends string> {
  readonly title: string;
  /** What the server sorts by; without it the column can't be sorted. */
  readonly sort?: Key;
  /** Sorts largest first when it is first chosen. */
  readonly largestFirst?: boolean;
  /** CSS grid width. */
  readonly width: string;
  /** Left out on narrow screens. */
  readonly wide?: boolean;
  /** Left out beside an open row. */
  readonly spare?: boolean;
  readonly numeric?: boolean;
  cell(row: Row): ComponentChildren;
}

export interface Order<Key extends string> {
  readonly sort: Key;
  readonly descending: boolean;
}

export interface TableProps<Row, Key extends string> {
  readonly label: string;
  readonly columns: readonly TableColumn<Row, Key>[];
  /** The server's address of slices, without sort and range. */
  readonly path: string;
  readonly order: Order<Key>;
  onOrder(order: Order<Key>): void;
  onTotal?(total: number): void;
  /** Opens a row: Enter or a click. */
  onOpen(row: Row, index: number): void;
  /** What other keys do with the row at the cursor, by their names in lower case. */
  readonly keys?: Readonly<Record<string, (row: Row) => void>>;
  readonly openKey?: unknown;
  keyOf(row: Row): unknown;
  readonly empty: string;
}

/** Rows asked for at a time. */
const SLICE = 50;
/** Slices kept. */
const HELD = 40;
/** Browsers make no element higher than some 17 million pixels; beyond this the scroll bar's way is scaled. */
const TALLEST = 12_000_000;
const HEAD = 40;
/** Keys that wait for rows. */
const MOST_PRESSED = 100;

/** Where tables were left, by their address and order. */
const places = new Map<string, { readonly top: number; readonly cursor: number }>();

interface Slices<Row> {
  readonly path: string;
  readonly total: number | undefined;
  readonly rows: ReadonlyMap<number, readonly Row[]>;
}

/** A table of any length: only the rows in sight are in the document, and only their slices are asked for. */
export function Table<Row, Key extends string>(props: TableProps<Row, Key>) {
  const { columns, path, order, label, empty, keyOf, openKey } = props;
  const narrow = useMedia("(max-width: 700px)");
  const rowHeight = narrow ? 60 : 44;
  const shown = columns.filter(({ wide, spare }) => !(narrow && wide) && !(openKey !== undefined && spare));
  const full = `${path}${path.includes("?") ? "&" : "?"}sort=${order.sort}&descending=${order.descending ? 1 : 0}`;
  const scroller = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState({ top: 0, height: 600 });
  const [cursor, setCursor] = useState(0);
  const [held, setHeld] = useState<Slices<Row>>({ path: "", total: undefined, rows: new Map() });
  const [error, setError] = useState<Error>();
  const pressed = useRef<string[]>([]);
  /** The cursor, also before it is drawn. */
  const here = useRef(0);
  const goTo = (index: number) => {
    here.current = index;
    setCursor(index);
  };
  const total = held.total ?? 0;
  const rows = held.path === full ? held.rows : undefined;

  const content = total * rowHeight;
  const space = Math.min(content, TALLEST);
  const body = Math.max(1, viewport.height - HEAD);
  const scale = space > body ? (content - body) / (space - body) : 1;
  const position = Math.min(viewport.top * scale, Math.max(0, content - body));
  const first = Math.max(0, Math.floor(position / rowHeight));
  const last = Math.min(total, first + Math.ceil(body / rowHeight) + 1);

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => setViewport({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Where the reader was when they left it; a table that only changes its order starts at the top.
  const place = useRef(places.get(full));
  useEffect(() => {
    if (place.current !== undefined) return;
    scroller.current!.scrollTop = 0;
    goTo(0);
    pressed.current = [];
  }, [full]);
  useLayoutEffect(() => {
    if (place.current === undefined || held.path !== full) return;
    scroller.current!.scrollTop = place.current.top;
    goTo(place.current.cursor);
    place.current = undefined;
  }, [held.path, full]);
  const now = useRef({ full, top: 0, cursor: 0 });
  now.current = { full, top: viewport.top, cursor };
  useEffect(() => () => void places.set(now.current.full, now.current), []);

  // The slices in sight, and the one at the start as long as the length is unknown.
  const from = held.path === full ? Math.floor(first / SLICE) : 0;
  const to = held.path === full ? Math.floor(Math.max(first, last - 1) / SLICE) : 0;
  useEffect(() => {
    const missing = [];
    for (let slice = from; slice <= to; slice++) if (!rows?.has(slice)) missing.push(slice);
    if (missing.length === 0) return;
    const control = new AbortController();
    for (const slice of missing) {
      get<{ total: number; rows: Row[] }>(
        `${full}&from=${slice * SLICE}&count=${SLICE}`,
        control.signal,
      ).then(
        (answer) => {
          setError(undefined);
          props.onTotal?.(answer.total);
          setHeld((before) => {
            const kept = before.path === full ? Array.from(before.rows).slice(-HELD) : [];
            return { path: full, total: answer.total, rows: new Map([...kept, [slice, answer.rows]]) };
          });
        },
        (problem) => {
          if (control.signal.aborted) return;
          pressed.current = [];
          setError(problem);
        },
      );
    }
    return () => control.abort();
  }, [full, from, to]);

  const at = (index: number): Row | undefined => rows?.get(Math.floor(index / SLICE))?.[index % SLICE];

  function show(index: number): void {
    const wanted = index * rowHeight;
    if (wanted >= position && wanted + rowHeight <= position + body) return;
    const goal = wanted < position ? wanted : wanted + rowHeight - body;
    scroller.current!.scrollTop = goal / scale;
  }

  /** Where a key takes the cursor; undefined for keys that don't move it. */
  function moved(key: string, from: number): number | undefined {
    const page = Math.max(1, Math.floor(body / rowHeight) - 1);
    const targets: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: total - 1,
    };
    const target = targets[key];
    return target === undefined ? undefined : Math.max(0, Math.min(total - 1, target));
  }

  const actionOf = (key: string) => (key === "Enter" ? props.onOpen : props.keys?.[key.toLowerCase()]);

  /** Does what was pressed, in order, as far as the rows are there; the rest waits for them. */
  function press(): void {
    let index = here.current;
    while (pressed.current.length > 0 && rows !== undefined) {
      const key = pressed.current[0]!;
      const target = moved(key, index);
      const row = at(index);
      if (target !== undefined) index = target;
      else if (row !== undefined) actionOf(key)!(row, index);
      else break;
      pressed.current.shift();
    }
    if (index === here.current) return;
    goTo(index);
    show(index);
  }
  useEffect(press, [held, cursor]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (moved(event.key, 0) === undefined && actionOf(event.key) === undefined) return;
    event.preventDefault();
    if (pressed.current.length < MOST_PRESSED) pressed.current.push(event.key);
    press();
  }

  const template = { gridTemplateColumns: shown.map(({ width }) => width).join(" ") };
  const visible = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      <div
        ref={scroller}
        class="table"
        role="grid"
        aria-label={label}
        aria-rowcount={total + 1}
        aria-colcount={shown.length}
        aria-busy={held.path !== full}
        aria-activedescendant={total > 0 ? `row-${cursor}` : undefined}
        tabIndex={0}
        onScroll={(event) =>
          setViewport({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
        }
        onKeyDown={onKeyDown}
      >
        <div class="table-head" role="row" aria-rowindex={1} style={template}>
          {shown.map((column) => (
            <div
              key={column.title}
              role="columnheader"
              class={column.numeric ? "numeric" : ""}
              aria-sort={
                column.sort === order.sort ? (order.descending ? "descending" : "ascending") : undefined
              }
            >
              {column.sort === undefined ? (
                column.title
              ) : (
                <button
                  type="button"
                  class="plain"
                  onClick={() =>
                    props.onOrder({
                      sort: column.sort!,
                      descending:
                        column.sort === order.sort ? !order.descending : (column.largestFirst ?? false),
                    })
                  }
                >
                  {column.title}
                  <span class="sort-mark" aria-hidden="true">
                    {column.sort === order.sort ? (order.descending ? "↓" : "↑") : ""}
                  </span>
                </button>
              )}
            </div>
          ))}
        </div>
        {total === 0 && held.total !== undefined && error === undefined && (
          <p class="table-empty muted">{empty}</p>
        )}
        <div role="presentation" style={{ height: `${space}px` }}>
          <div
            role="rowgroup"
            class="table-body"
            style={{ transform: `translateY(${viewport.top - (position - first * rowHeight)}px)` }}
          >
            {visible.map((index) => {
              const row = at(index);
              return (
                <div
                  key={index}
                  id={`row-${index}`}
                  role="row"
                  aria-rowindex={index + 2}
                  aria-selected={row !== undefined && openKey !== undefined && keyOf(row) === openKey}
                  class={`table-row${index === cursor ? " at-cursor" : ""}`}
                  style={{ ...template, height: `${rowHeight}px` }}
                  onClick={() => {
                    goTo(index);
                    if (row !== undefined) props.onOpen(row, index);
                  }}
                >
                  {shown.map((column) => (
                    <div key={column.title} role="gridcell" class={column.numeric ? "numeric" : ""}>
                      {row === undefined ? <span class="waiting" /> : column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </>
  );
}
