/** What plain integers are kept in. */
export type Integers = BigInt64Array | BigUint64Array | Int32Array | Uint32Array;

/** Numbers the integers of a column in the order of their first appearance, by a hash table with linear probing. */
export class IntegerCodes {
  /** The integer of every code; it grows. */
  readonly values: (number | bigint)[] = [];
  /** The halves of those, and the code at every place of the table, -1 where it is free. */
  #low = new Int32Array(1024);
  #high = new Int32Array(1024);
  #table = new Int32Array(4096).fill(-1);

  /** The codes of some integers, all of one type. */
  of(integers: Integers): Int32Array {
    const words = integers.BYTES_PER_ELEMENT / 4;
    const halves = new Int32Array(integers.buffer, integers.byteOffset, words * integers.length);
    const codes = new Int32Array(integers.length);
    for (let index = 0; index < codes.length; index++) {
      const low = halves[words * index]!;
      const high = words === 1 ? 0 : halves[words * index + 1]!;
      const place = this.#placeOf(low, high);
      let code = this.#table[place]!;
      if (code < 0) {
        code = this.values.push(integers[index]!) - 1;
        this.#keep(place, code, low, high);
      }
      codes[index] = code;
    }
    return codes;
  }

  /** Where the integer's code is, or the free place where it belongs. */
  #placeOf(low: number, high: number): number {
    const last = this.#table.length - 1;
    const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    let place = (mixed ^ (mixed >>> 15)) & last;
    for (let code = this.#table[place]!; code >= 0; code = this.#table[place]!) {
      if (this.#low[code] === low && this.#high[code] === high) break;
      place = (place + 1) & last;
    }
    return place;
  }

  #keep(place: number, code: number, low: number, high: number): void {
    if (code === this.#low.length) {
      this.#low = doubled(this.#low);
      this.#high = doubled(this.#high);
    }
    this.#low[code] = low;
    this.#high[code] = high;
    this.#table[place] = code;
    if (4 * this.values.length <= this.#table.length) return;
    this.#table = new Int32Array(4 * this.#table.length).fill(-1);
    for (let each = 0; each <= code; each++) {
      this.#table[this.#placeOf(this.#low[each]!, this.#high[each]!)] = each;
    }
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}
