import { useEffect, useRef, useState } from "preact/hooks";
import {
  type Decision,
  type Explanation,
  type Row,
  SHOWN,
  type Shown,
  SORT_KEYS,
  type SortKey,
  type Tally,
} from "../../../src/server/messages.ts";
import { decide, decisionOf } from "../api.ts";
import { count, number, plural } from "../format.ts";
import { link, setQuery, useDecisions, useMedia, useOrder, useServer } from "../hooks.ts";
import { Decide, ItemName, Label, Margin } from "../parts/marks.tsx";
import { Problem, Waiting } from "../parts/problem.tsx";
import { Table, type TableColumn } from "../parts/table.tsx";

const NAMES: Record<Shown, string> = {
  flagged: "Flagged",
  kept: "Kept",
  all: "All",
  decided: "Decided by hand",
};

const COLUMNS: readonly TableColumn<Row, SortKey>[] = [
  {
    title: "Item",
    sort: "item",
    width: "minmax(0, 2.2fr)",
    cell: (row) => (
      <>
        <ItemName title={row.title} id={row.itemId} />
        <span class="narrow-only small muted cut">user {row.userId}</span>
      </>
    ),
  },
  {
    title: "User",
    sort: "user",
    width: "minmax(0, 1fr)",
    wide: true,
    cell: (row) => <span class="cut">{row.userId}</span>,
  },
  {
    title: "Match",
    sort: "margin",
    width: "minmax(6.5rem, 8.5rem)",
    cell: (row) => <Margin match={row.match} threshold={row.threshold} />,
  },
  {
    title: "Rank",
    sort: "rank",
    largestFirst: true,
    width: "5rem",
    wide: true,
    numeric: true,
    cell: (row) => count(row.rank),
  },
  {
    title: "Users",
    sort: "popularity",
    width: "5rem",
    wide: true,
    spare: true,
    numeric: true,
    cell: (row) => count(row.popularity),
  },
  {
    title: "Weight",
    sort: "weight",
    width: "5.5rem",
    wide: true,
    spare: true,
    numeric: true,
    cell: (row) => number(row.weight),
  },
  { title: "Decision", width: "9.5rem", wide: true, spare: true, cell: (row) => <Decide row={row} /> },
];

/** All rows of one kind, in any order, and why one of them was flagged. */
export function RowsView({ query }: { query: URLSearchParams }) {
  useDecisions();
  const show = SHOWN.find((each) => each === query.get("show")) ?? (query.has("item") ? "all" : "flagged");
  const item = query.get("item");
  const search = query.get("search") ?? "";
  const [order, setOrder] = useOrder(query, SORT_KEYS, { sort: "margin", descending: false });
  const [total, setTotal] = useState<number>();
  const [open, setOpen] = useState<Row>();
  const [failure, setFailure] = useState<Error>();
  const panel = useRef<HTMLElement>(null);
  const { value: only } = useServer<Tally>(item === null ? null : `items/${item}`);
  useEffect(() => setOpen(undefined), [show, item, search]);

  const path = `rows?${new URLSearchParams({ show, search, ...(item === null ? {} : { item }) })}`;
  const decided = (decision: Decision | null) => (row: Row) => {
    setFailure(undefined);
    decide([[row.entry, decision]]).catch(setFailure);
  };
  const keys = {
    k: decided("keep"),
    r: decided("remove"),
    u: decided(null),
    escape: () => setOpen(undefined),
  };
  const close = () => {
    setOpen(undefined);
    document.querySelector<HTMLElement>(".table")?.focus();
  };
  return (
    <div class="rows-view">
      <div class="toolbar">
        <h1>Rows</h1>
        <div class="segments" role="group" aria-label="Which rows">
          {SHOWN.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === show}
              onClick={() => setQuery({ show: each })}
            >
              {NAMES[each]}
            </button>
          ))}
        </div>
        <Search
          value={search}
          label="Search users, items, titles"
          onChange={(text) => setQuery({ search: text })}
        />
        {only && (
          <span class="chip">
            Item: {only.title ?? only.id}
            <button type="button" aria-label="All items" onClick={() => setQuery({ item: null })}>
              ×
            </button>
          </span>
        )}
        <span class="muted small total" role="status">
          {total === undefined ? "" : plural(total, "row")}
        </span>
      </div>
      {failure !== undefined && <Problem error={failure} />}
      <div class={open === undefined ? "split" : "split is-open"}>
        <Table
          label={`${NAMES[show]} rows`}
          columns={COLUMNS}
          path={path}
          order={order}
          onOrder={setOrder}
          onTotal={setTotal}
          onOpen={(row) => setOpen(row)}
          keys={keys}
          keyOf={(row) => row.entry}
          openKey={open?.entry}
          empty={show === "decided" ? "Nothing is decided by hand yet." : "No rows are like that."}
        />
        {open !== undefined && (
          <aside
            ref={panel}
            class="panel"
            aria-label="Evidence"
            onKeyDown={(event) => event.key === "Escape" && close()}
          >
            <Evidence row={open} onClose={close} />
          </aside>
        )}
      </div>
      <p class="muted small keys">
        Keys: <kbd>↑</kbd> <kbd>↓</kbd> move, <kbd>Enter</kbd> shows the evidence, <kbd>K</kbd> keep,{" "}
        <kbd>R</kbd> remove, <kbd>U</kbd> undecided, <kbd>Esc</kbd> closes.
      </p>
    </div>
  );
}

/** A search field that waits until typing pauses. */
export function Search({
  value,
  label,
  onChange,
}: {
  value: string;
  label: string;
  onChange(text: string): void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), 150);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      class="field search"
      type="search"
      maxLength={200}
      placeholder={label}
      aria-label={label}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

function Evidence({ row, onClose }: { row: Row; onClose(): void }) {
  const { value, error } = useServer<Explanation>(`rows/${row.entry}`);
  const narrow = useMedia("(max-width: 1000px)");
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (narrow) close.current?.focus();
  }, [narrow, row.entry]);
  return (
    <>
      <div class="panel-head">
        <div>
          <h2>{row.title ?? row.itemId}</h2>
          <p class="small muted">
            {row.title !== null && <>{row.itemId} · </>}user{" "}
            <a href={link("user", { id: row.user })}>{row.userId}</a>
          </p>
        </div>
        <button
          ref={close}
          type="button"
          class="plain close"
          aria-label="Close the evidence"
          onClick={onClose}
        >
          ×
        </button>
      </div>
      <div class="panel-actions">
        <Label noise={row.noise === 1} />
        <Decide row={row} large />
      </div>
      {error !== undefined && <Problem error={error} />}
      {value === undefined ? (
        error === undefined && <Waiting what="Looking at the evidence ..." />
      ) : value.row.entry !== row.entry ? null : (
        <>
          {value.reason !== "" && <p class="reason">{value.reason}</p>}
          <dl class="facts">
            <div>
              <dt>Match ÷ threshold</dt>
              <dd>
                {number(row.match)} ÷ {number(row.threshold)}
              </dd>
            </div>
            <div>
              <dt>Rank for this user</dt>
              <dd>
                {count(row.rank)} ({plural(value.kappa, "item")} above the threshold)
              </dd>
            </div>
            <div>
              <dt>New weight</dt>
              <dd>{number(row.weight)}</dd>
            </div>
            <div>
              <dt>Users of the item</dt>
              <dd>
                <a href={link("rows", { item: row.item })}>{count(row.popularity)}</a>
              </dd>
            </div>
          </dl>
          <div class="sides">
            <Side title="Kept" total={value.keptTotal} rows={value.kept} entry={row.entry} />
            <Side title="Flagged" total={value.flaggedTotal} rows={value.flagged} entry={row.entry} />
          </div>
          <p class="small">
            <a href={link("user", { id: row.user })}>All of this user's clicks, with the threshold</a>
          </p>
        </>
      )}
    </>
  );
}

function Side(props: { title: string; total: number; rows: readonly Row[]; entry: number }) {
  const { title, total, rows, entry } = props;
  return (
    <section>
      <h3>
        {title} <span class="muted">{count(total)}</span>
      </h3>
      <ol class="side-list">
        {rows.map((row) => (
          <li key={row.entry} class={row.entry === entry ? "is-this" : ""}>
            <ItemName title={row.title} id={row.itemId} />
            {decisionOf(row) !== null && <span class="small muted"> {decisionOf(row)}</span>}
          </li>
        ))}
      </ol>
      {total > rows.length && <p class="small muted">and {count(total - rows.length)} more</p>}
      {total === 0 && <p class="small muted">None.</p>}
    </section>
  );
}
