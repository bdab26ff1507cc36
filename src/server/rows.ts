import { flagAt } from "../denoise/evidence.ts";
import { rowCounts } from "../linalg/sparse.ts";
import type { Decisions } from "./decisions.ts";
import type { Explored } from "./explored.ts";
import type {
  Explanation,
  Row,
  RowSlice,
  Shown,
  SortKey,
  Tally,
  UserDetail,
  UserKey,
  UserSlice,
} from "./messages.ts";
import { ascendingOrder, Latest, placesOf } from "./orders.ts";
import { positionsWith } from "./search.ts";

export interface RowQuery {
  readonly show: Shown;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly search: string;
  /** Only this user's or item's. */
  readonly user: number | undefined;
  readonly item: number | undefined;
  readonly from: number;
  readonly count: number;
}

export interface UserQuery {
  readonly sort: UserKey;
  readonly descending: boolean;
  readonly search: string;
  readonly from: number;
  readonly count: number;
}

/** By user or item. */
export interface Counts {
  readonly interactions: Uint32Array;
  readonly flagged: Uint32Array;
}

/** Looks at the rows and users of a denoised log, in slices. */
export interface Browser {
  readonly counts: { readonly byUser: Counts; readonly byItem: Counts };
  row(entry: number): Row;
  rows(query: RowQuery): RowSlice;
  explain(entry: number): Explanation;
  users(query: UserQuery): UserSlice;
  user(user: number): UserDetail;
  userTally(user: number): Tally;
  itemTally(item: number): Tally;
}

/** Positions that are held in orders: 256 MB of them, unless two orders take more. */
const HELD_POSITIONS = 2 ** 26;
/** Of a user's own items beside one of them. */
const SIDE = 200;

/** Orders are made once a key: some tens of milliseconds for a million rows; the rows that a search finds, once a search. */
export function browse(explored: Explored, decisions: Decisions): Browser {
  const { input, matching: matched, noise, weights, titles, settings } = explored;
  const { users, items, matrix } = input;
  const { offsets, indices } = matrix;
  const popularity = input.itemCounts();
  const activity = rowCounts(matrix);
  const flaggedOfUser = new Uint32Array(users.size);
  const flaggedOfItem = new Uint32Array(items.size);
  const userOf = new Uint32Array(input.size);
  for (let user = 0; user < users.size; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      userOf[entry] = user;
      flaggedOfUser[user]! += noise[entry]!;
      flaggedOfItem[indices[entry]!]! += noise[entry]!;
    }
  }
  const orders = new Latest<Uint32Array>(Math.max(2, Math.min(8, Math.floor(HELD_POSITIONS / input.size))));
  const found = new Latest<Uint32Array>(4);
  const userOrders = new Latest<Uint32Array>(4);

  const keys: Record<SortKey, () => Float32Array | Uint32Array> = {
    margin: () =>
      Float32Array.from(matched.match, (match, entry) => match / matched.threshold[userOf[entry]!]!),
    match: () => matched.match,
    rank: () => matched.rank,
    popularity: () => indices.map((item) => popularity[item]!),
    weight: () => weights,
    user: () => through(placesOf(users), userOf),
    item: () => through(placesOf(items), indices),
  };
  const userKeys: Record<UserKey, () => Float32Array | Uint32Array> = {
    flagged: () => flaggedOfUser,
    share: () => Float32Array.from(flaggedOfUser, (flagged, user) => flagged / (activity[user] || 1)),
    interactions: () => activity,
    kappa: () => matched.kappa,
    user: () => placesOf(users),
  };

  const row = (entry: number): Row => {
    const user = userOf[entry]!;
    const item = indices[entry]!;
    return {
      ...{ entry, user, item },
      userId: users.at(user),
      itemId: items.at(item),
      title: titles(item),
      match: matched.match[entry]!,
      threshold: matched.threshold[user]!,
      rank: matched.rank[entry]!,
      popularity: popularity[item]!,
      weight: weights[entry]!,
      noise: noise[entry] === 1 ? 1 : 0,
      decision: decisions.made.get(entry) ?? null,
    };
  };
  const own = (user: number): number[] =>
    Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, index) => offsets[user]! + index).sort(
      (left, right) => matched.match[right]! - matched.match[left]! || left - right,
    );
  const userTally = (user: number): Tally => ({
    position: user,
    id: users.at(user),
    title: null,
    interactions: activity[user]!,
    flagged: flaggedOfUser[user]!,
  });

  /** The entries that a query is about, in ascending order of its key. */
  function entriesOf({ show, sort, search, user, item }: RowQuery): Uint32Array {
    const order = orders.get(sort, () => ascendingOrder(keys[sort]()));
    if (show === "all" && search === "" && user === undefined && item === undefined) return order;
    const version = show === "decided" ? decisions.version : 0;
    return found.get(JSON.stringify([show, sort, search, user, item, version]), () => {
      const isShown = {
        all: () => true,
        flagged: (entry: number) => noise[entry] === 1,
        kept: (entry: number) => noise[entry] === 0,
        decided: (entry: number) => decisions.made.has(entry),
      }[show];
      const who = search === "" ? undefined : positionsWith(users, search);
      const what = search === "" ? undefined : positionsWith(items, search, titles);
      return order.filter(
        (entry) =>
          isShown(entry) &&
          (user === undefined || userOf[entry] === user) &&
          (item === undefined || indices[entry] === item) &&
          (who === undefined || who[userOf[entry]!] === 1 || what![indices[entry]!] === 1),
      );
    });
  }

  return {
    counts: {
      byUser: { interactions: activity, flagged: flaggedOfUser },
      byItem: { interactions: popularity, flagged: flaggedOfItem },
    },
    row,
    rows(query) {
      const entries = entriesOf(query);
      return {
        total: entries.length,
        from: query.from,
        rows: slice(entries, query).map(row),
      };
    },
    explain(entry) {
      const user = userOf[entry]!;
      const sides = own(user);
      const kept = sides.filter((each) => noise[each] === 0);
      const flagged = sides.filter((each) => noise[each] === 1);
      const named = (item: number) => titles(item) ?? items.at(item);
      const { evidence } = flagAt(explored, user, entry, popularity, named);
      return {
        row: row(entry),
        reason: noise[entry] === 1 ? evidence.reason : "",
        kappa: evidence.kappa,
        kept: kept.slice(0, SIDE).map(row),
        flagged: flagged.slice(0, SIDE).map(row),
        keptTotal: kept.length,
        flaggedTotal: flagged.length,
      };
    },
    users(query) {
      const { sort, search } = query;
      const order = userOrders.get(JSON.stringify([sort, search]), () => {
        const all = ascendingOrder(userKeys[sort]());
        if (search === "") return all;
        const who = positionsWith(users, search);
        return all.filter((user) => who[user] === 1);
      });
      const rows = slice(order, query).map((user) => ({ ...userTally(user), kappa: matched.kappa[user]! }));
      return { total: order.length, from: query.from, rows };
    },
    user(user) {
      const entries = own(user);
      const points = new Map(entries.map((entry) => [matched.rank[entry]!, matched.match[entry]!]));
      const kappa = matched.kappa[user]!;
      if (settings.threshold !== "observed" && kappa > 0) points.set(kappa, matched.threshold[user]!);
      const sorted = Array.from(points).sort(([left], [right]) => left - right);
      return {
        ...userTally(user),
        kappa,
        threshold: matched.threshold[user]!,
        items: items.size,
        beta: settings.beta,
        lambda: settings.lambda,
        oneRound: settings.iterations === 1,
        rows: entries.map(row),
        curve: { ranks: sorted.map(([rank]) => rank), matches: sorted.map(([, match]) => match) },
      };
    },
    userTally,
    itemTally: (item) => ({
      position: item,
      id: items.at(item),
      title: titles(item),
      interactions: popularity[item]!,
      flagged: flaggedOfItem[item]!,
    }),
  };
}

function through(places: Uint32Array, positions: Uint32Array): Uint32Array {
  return positions.map((position) => places[position]!);
}

/** Some of the positions, from the other end if descending. */
function slice(
  order: Uint32Array,
  { from, count, descending }: { from: number; count: number; descending: boolean },
): number[] {
  if (!descending) return Array.from(order.subarray(from, from + count));
  const end = Math.max(0, order.length - from);
  return Array.from(order.subarray(Math.max(0, end - count), end)).reverse();
}
