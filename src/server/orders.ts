import type { Ids } from "../interactions/ids.ts";
import { countingOrder } from "../linalg/sparse.ts";

/** Ids beyond this are compared unit by unit: a collator takes too long. */
const COLLATED = 100_000;
const DIGIT = 1 << 16;

/** The positions of numbers from 0 on in ascending order, equal ones as they stand: two counting sorts by 16 of their bits. */
export function ascendingOrder(values: Float32Array | Uint32Array): Uint32Array {
  const words = new Uint16Array(values.buffer, values.byteOffset, 2 * values.length);
  const digits = new Uint32Array(values.length);
  let order: Uint32Array | undefined;
  for (let digit = 0; digit < 2; digit++) {
    for (let index = 0; index < digits.length; index++) digits[index] = words[2 * index + digit]!;
    order = countingOrder(digits, DIGIT, order);
  }
  return order!;
}

/** The place of each id among all: 10 after 9 where they are numbers. */
export function placesOf(ids: Ids): Uint32Array {
  const texts = Array.from(ids);
  const compare = texts.length <= COLLATED ? new Intl.Collator("en", { numeric: true }).compare : plainly;
  const order = Uint32Array.from(texts.keys()).sort((left, right) => compare(texts[left]!, texts[right]!));
  const places = new Uint32Array(texts.length);
  for (const [place, position] of order.entries()) places[position] = place;
  return places;
}

function plainly(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The latest few values that were made, by key. */
export class Latest<Value> {
  readonly #most: number;
  readonly #values = new Map<string, Value>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string, make: () => Value): Value {
    const known = this.#values.get(key);
    const value = known ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#most) this.#values.delete(this.#values.keys().next().value!);
    return value;
  }
}
