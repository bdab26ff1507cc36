import { useState } from "preact/hooks";
import { USER_KEYS, type UserKey, type UserSlice } from "../../../src/server/messages.ts";
import { count, percent, plural } from "../format.ts";
import { link, setQuery, useOrder } from "../hooks.ts";
import { Table, type TableColumn } from "../parts/table.tsx";
import { Search } from "./rows.tsx";

type User = UserSlice["rows"][number];

const COLUMNS: readonly TableColumn<User, UserKey>[] = [
  {
    title: "User",
    sort: "user",
    width: "minmax(0, 2fr)",
    cell: (user) => <span class="cut">{user.id}</span>,
  },
  {
    title: "Clicks",
    sort: "interactions",
    largestFirst: true,
    width: "minmax(4rem, 1fr)",
    numeric: true,
    cell: (user) => count(user.interactions),
  },
  {
    title: "Flagged",
    sort: "flagged",
    largestFirst: true,
    width: "minmax(4rem, 1fr)",
    numeric: true,
    cell: (user) => count(user.flagged),
  },
  {
    title: "Share",
    sort: "share",
    largestFirst: true,
    width: "minmax(6rem, 1.4fr)",
    cell: (user) => {
      const share = user.flagged / (user.interactions || 1);
      return (
        <span class="share">
          <span class="share-text">{percent(share)}</span>
          <span class="share-strip" aria-hidden="true">
            <i style={{ width: `${100 * share}%` }} />
          </span>
        </span>
      );
    },
  },
  {
    title: "Items kept (κ)",
    sort: "kappa",
    largestFirst: true,
    width: "minmax(6rem, 1fr)",
    wide: true,
    numeric: true,
    cell: (user) => count(user.kappa),
  },
];

export function UsersView({ query }: { query: URLSearchParams }) {
  const search = query.get("search") ?? "";
  const [order, setOrder] = useOrder(query, USER_KEYS, { sort: "flagged", descending: true });
  const [total, setTotal] = useState<number>();
  return (
    <div class="rows-view">
      <div class="toolbar">
        <h1>Users</h1>
        <Search value={search} label="Search users" onChange={(text) => setQuery({ search: text })} />
        <span class="muted small total" role="status">
          {total === undefined ? "" : plural(total, "user")}
        </span>
      </div>
      <div class="split">
        <Table
          label="Users"
          columns={COLUMNS}
          path={`users?${new URLSearchParams({ search })}`}
          order={order}
          onOrder={setOrder}
          onTotal={setTotal}
          onOpen={(user) => location.assign(link("user", { id: user.position }))}
          keyOf={(user) => user.position}
          empty="No user is called that."
        />
      </div>
      <p class="muted small keys">
        Keys: <kbd>↑</kbd> <kbd>↓</kbd> move, <kbd>Enter</kbd> opens the user.
      </p>
    </div>
  );
}
