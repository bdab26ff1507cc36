import type { PlanEntries } from "./plan.ts";

/** Pairs of a user and an item with their costs, in parallel arrays. */
export interface Pairs {
  readonly users: ArrayLike<number>;
  readonly items: ArrayLike<number>;
  readonly costs: ArrayLike<number>;
}

/**
 * The transportation problem. What is not on a pair of the tree passes an artificial node, at `detour` a unit to it and
 * from it. cost + height[user] - height[users + item] is a pair's reduced cost: 0 on the tree, at an optimum >= 0 everywhere.
 */
export interface NetworkSimplex {
  /** Exchanges so far. */
  readonly pivots: number;
  /** Takes a pair of negative reduced cost into the tree, and out of it the one that the flow around the cycle empties first. */
  pivot(user: number, item: number, cost: number): void;
  /** Changes what the detour costs. */
  setDetour(price: number): void;
  /** How much takes the detour. */
  detoured(): number;
  /** Computes the heights along the tree anew, so that roundings don't add up. */
  refresh(): void;
  /** The tree's pairs with their flow for these supplies and demands, by user and then item. */
  flow(supply: Float64Array, demand: Float64Array): PlanEntries;
}

const NONE = -1;

/**
 * Network simplex (Dantzig 1951) on strongly feasible trees (Cunningham 1976), which hang from an artificial node.
 * `supply` and `demand` are whole numbers of one sum below 2^53, so that flows are exact and no pivots cycle. The first
 * tree is greedy: it takes the pairs in their order. `height` has a number a user, an item and the artificial node;
 * `rounded` is kept to what it is in float32.
 */
export function networkSimplex(
  supply: Float64Array,
  demand: Float64Array,
  start: Pairs,
  detour: number,
  height: Float64Array,
  rounded: Float32Array,
): NetworkSimplex {
  const users = supply.length;
  const nodes = users + demand.length;
  const root = nodes;

  /** Of each node: its parent, whether the arc to it points up, that arc's flow and cost. */
  const parent = new Int32Array(nodes + 1).fill(root);
  const up = new Uint8Array(nodes + 1);
  const flow = new Float64Array(nodes + 1);
  const costOf = new Float64Array(nodes + 1);
  /** Nodes in the part of the tree below each, itself included. */
  const size = new Int32Array(nodes + 1);
  /** Children as doubly linked lists. */
  const child = new Int32Array(nodes + 1).fill(NONE);
  const next = new Int32Array(nodes + 1).fill(NONE);
  const previous = new Int32Array(nodes + 1).fill(NONE);

  let pivots = 0;

  /** A node that a pair uses up becomes the child of the other. */
  function plant(): void {
    const left = new Float64Array(nodes);
    left.set(supply);
    left.set(demand, users);
    const done = new Uint8Array(nodes);
    for (let pair = 0; pair < start.costs.length; pair++) {
      const from = start.users[pair]!;
      const to = users + start.items[pair]!;
      if (left[from] === 0 || left[to] === 0) continue;
      const amount = Math.min(left[from]!, left[to]!);
      left[from]! -= amount;
      left[to]! -= amount;
      const below = left[to] === 0 ? to : from;
      done[below] = 1;
      hang(below, below === to ? from : to, below === from, amount, start.costs[pair]!);
    }
    for (let node = 0; node < nodes; node++) {
      if (done[node] === 1) continue;
      const upward = node < users || left[node] === 0;
      hang(node, root, upward, left[node]!, detour);
    }
    refresh();
    measure();
  }

  function hang(node: number, above: number, upward: boolean, amount: number, price: number): void {
    parent[node] = above;
    up[node] = upward ? 1 : 0;
    flow[node] = amount;
    costOf[node] = price;
    link(node, above);
  }

  function link(node: number, above: number): void {
    const first = child[above]!;
    next[node] = first;
    previous[node] = NONE;
    if (first !== NONE) previous[first] = node;
    child[above] = node;
  }

  function unlink(node: number): void {
    const before = previous[node]!;
    const after = next[node]!;
    if (before === NONE) child[parent[node]!] = after;
    else next[before] = after;
    if (after !== NONE) previous[after] = before;
  }

  /** The node after `node` in a walk through the tree below `top`, parents first; NONE at its end. */
  function following(node: number, top: number): number {
    const first = child[node]!;
    return first === NONE ? beside(node, top) : first;
  }

  /** The same, past what is below `node`. */
  function beside(node: number, top: number): number {
    while (node !== top) {
      const after = next[node]!;
      if (after !== NONE) return after;
      node = parent[node]!;
    }
    return NONE;
  }

  function refresh(): void {
    height[root] = 0;
    for (let node = following(root, root); node !== NONE; node = following(node, root)) {
      height[node] = height[parent[node]!]! + (up[node] === 1 ? -costOf[node]! : costOf[node]!);
    }
    rounded.set(height);
  }

  /** The nodes below the root, children before their parents. */
  function childrenFirst(): Int32Array {
    const order = new Int32Array(nodes);
    let place = nodes;
    for (let node = following(root, root); node !== NONE; node = following(node, root)) order[--place] = node;
    return order;
  }

  function measure(): void {
    size.fill(1);
    for (const node of childrenFirst()) size[parent[node]!]! += size[node]!;
  }

  function pivot(user: number, item: number, cost: number): void {
    const first = user;
    const second = users + item;
    let least = Infinity;
    let leastSecond = Infinity;
    let leaving = NONE;
    let leavingSecond = NONE;
    let a = first;
    let b = second;
    while (a !== b) {
      if (size[a]! < size[b]!) {
        if (up[a] === 1 && flow[a]! < least) {
          least = flow[a]!;
          leaving = a;
        }
        a = parent[a]!;
      } else {
        if (up[b] === 0 && flow[b]! <= leastSecond) {
          leastSecond = flow[b]!;
          leavingSecond = b;
        }
        b = parent[b]!;
      }
    }
    const join = a;
    const onFirst = least < leastSecond;
    const amount = onFirst ? least : leastSecond;
    const reduced = cost + height[first]! - height[second]!;
    const top = onFirst ? first : second;
    const above = onFirst ? second : first;
    const last = onFirst ? leaving : leavingSecond;
    const moved = size[last]!;
    const upward = onFirst ? -amount : amount;
    carry(top, parent[last]!, upward, 0);
    carry(parent[last]!, join, upward, -moved);
    carry(above, join, -upward, moved);
    turn(top, above, last, onFirst, amount, cost);
    lift(top, onFirst ? -reduced : reduced);
    pivots++;
  }

  /** Adds to the flows on the way up and to the sizes. */
  function carry(from: number, end: number, upward: number, nodesMore: number): void {
    for (let node = from; node !== end; node = parent[node]!) {
      flow[node]! += up[node] === 1 ? upward : -upward;
      size[node]! += nodesMore;
    }
  }

  /** Hangs the part of the tree below `last` from `above` by its node `top`: the path from there to `last` turns round. */
  function turn(
    top: number,
    above: number,
    last: number,
    upward: boolean,
    amount: number,
    price: number,
  ): void {
    const all = size[last]!;
    let beyond = 0;
    for (let node = top; ; ) {
      const oldAbove = parent[node]!;
      const oldUp = up[node] === 1;
      const oldFlow = flow[node]!;
      const oldPrice = costOf[node]!;
      const below = size[node]!;
      size[node] = all - beyond;
      beyond = below;
      unlink(node);
      hang(node, above, upward, amount, price);
      if (node === last) return;
      above = node;
      node = oldAbove;
      upward = !oldUp;
      amount = oldFlow;
      price = oldPrice;
    }
  }

  /** Adds to the heights below `top`, or takes it from all others where they are fewer: only differences count. */
  function lift(top: number, by: number): void {
    if (2 * size[top]! <= nodes) {
      for (let node = top; node !== NONE; node = following(node, top)) shift(node, by);
      return;
    }
    shift(root, -by);
    for (let node = following(root, root); node !== NONE; ) {
      if (node === top) {
        node = beside(node, root);
      } else {
        shift(node, -by);
        node = following(node, root);
      }
    }
  }

  function shift(node: number, by: number): void {
    const moved = height[node]! + by;
    height[node] = moved;
    rounded[node] = moved;
  }

  plant();
  return {
    get pivots() {
      return pivots;
    },
    pivot,
    refresh,
    setDetour(price) {
      for (let node = child[root]!; node !== NONE; node = next[node]!) costOf[node] = price;
      refresh();
    },
    detoured() {
      let mass = 0;
      for (let node = child[root]!; node !== NONE; node = next[node]!)
        if (up[node] === 1) mass += flow[node]!;
      return mass;
    },
    flow(supply, demand) {
      const passing = new Float64Array(nodes + 1);
      passing.set(supply);
      for (let item = 0; item < demand.length; item++) passing[users + item] = -demand[item]!;
      const masses = new Float64Array(nodes);
      /** A pair's place in the plan, and its node. */
      const keys = new Float64Array(nodes);
      let count = 0;
      for (const node of childrenFirst()) {
        const above = parent[node]!;
        passing[above]! += passing[node]!;
        const mass = up[node] === 1 ? passing[node]! : -passing[node]!;
        if (above === root || !(mass > 0)) continue;
        const pair = Math.min(node, above) * demand.length + Math.max(node, above) - users;
        keys[count++] = pair * nodes + node;
        masses[node] = mass;
      }
      const sorted = keys.subarray(0, count).sort();
      const pairs = sorted.map((key) => Math.floor(key / nodes));
      return {
        users: Uint32Array.from(pairs, (pair) => Math.floor(pair / demand.length)),
        items: Uint32Array.from(pairs, (pair) => pair % demand.length),
        mass: Float64Array.from(sorted, (key) => masses[key % nodes]!),
      };
    },
  };
}
