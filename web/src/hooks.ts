import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { get, onDecisions } from "./api.ts";
import type { Order } from "./parts/table.tsx";

export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly error: Error | undefined;
}

/** What the server says at a path; the value before stays until the next is there. */
export function useServer<Value>(path: string | null): Loaded<Value> {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ value: undefined, error: undefined });
  useEffect(() => {
    if (path === null) return setLoaded({ value: undefined, error: undefined });
    const control = new AbortController();
    get<Value>(path, control.signal).then(
      (value) => setLoaded({ value, error: undefined }),
      (error) => control.signal.aborted || setLoaded({ value: undefined, error }),
    );
    return () => control.abort();
  }, [path]);
  return loaded;
}

/** The same, asked again and again while the page is seen; the value before stays beside an error. */
export function usePolled<Value>(path: string, milliseconds: number): Loaded<Value> {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ value: undefined, error: undefined });
  useEffect(() => {
    const control = new AbortController();
    const { signal } = control;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      if (!document.hidden) {
        await get<Value>(path, signal).then(
          (value) => setLoaded({ value, error: undefined }),
          (error) => signal.aborted || setLoaded(({ value }) => ({ value, error })),
        );
      }
      if (!signal.aborted) timer = setTimeout(ask, milliseconds);
    };
    void ask();
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [path, milliseconds]);
  return loaded;
}

/** The width of an element, as it changes. */
export function useWidth<Shape extends HTMLElement>(): [RefObject<Shape | null>, number] {
  const element = useRef<Shape>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setWidth(element.current?.clientWidth ?? 0);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const listen = () => setMatches(list.matches);
    list.addEventListener("change", listen);
    return () => list.removeEventListener("change", listen);
  }, [query]);
  return matches;
}

/** Draws anew when a decision is made. */
export function useDecisions(): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => onDecisions(() => redraw(undefined as never)), []);
}

export interface Route {
  readonly view: string;
  readonly query: URLSearchParams;
}

function currentRoute(): Route {
  const [view = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { view: view || "overview", query: new URLSearchParams(query) };
}

/** The view that the address names: #/rows?search=jazz */
export function useRoute(): Route {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const listen = () => setRoute(currentRoute());
    addEventListener("hashchange", listen);
    return () => removeEventListener("hashchange", listen);
  }, []);
  return route;
}

/** Changes parameters of the view that the address names now. */
export function setQuery(change: Readonly<Record<string, string | null>>): void {
  const { view, query } = currentRoute();
  location.replace(link(view, { ...Object.fromEntries(query), ...change }));
}

/** The order of a table, kept in the address: a reload and the way back find it. */
export function useOrder<Key extends string>(
  query: URLSearchParams,
  keys: readonly Key[],
  usual: Order<Key>,
): [Order<Key>, (order: Order<Key>) => void] {
  const sort = keys.find((key) => key === query.get("sort"));
  const order = sort === undefined ? usual : { sort, descending: query.get("descending") === "1" };
  return [order, ({ sort, descending }) => setQuery({ sort, descending: descending ? "1" : null })];
}

/** The address of a view; parameters that are empty are left out. */
export function link(
  view: string,
  query: Readonly<Record<string, string | number | null | undefined>> = {},
): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `#/${view}${text === "" ? "" : `?${text}`}`;
}
