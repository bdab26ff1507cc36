/** What was loaded last, up to so many bytes of it. */
export interface Cache<Value> {
  get(key: string, bytes: number, load: () => Promise<Value>): Promise<Value>;
}

export function openCache<Value>(most: number): Cache<Value> {
  const held = new Map<string, { readonly bytes: number; readonly value: Promise<Value> }>();
  let used = 0;
  const drop = (key: string) => {
    used -= held.get(key)?.bytes ?? 0;
    held.delete(key);
  };
  return {
    get(key, bytes, load) {
      const value = held.get(key)?.value ?? load();
      drop(key); // and put it behind the others
      while (used + bytes > most && held.size > 0) drop(held.keys().next().value!);
      held.set(key, { bytes, value });
      used += bytes;
      value.catch(() => held.get(key)?.value === value && drop(key));
      return value;
    },
  };
}
