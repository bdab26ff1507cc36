/** External ids and their positions 0, 1, 2, ... in order of first appearance. Ids are kept byte for byte. */
export class Ids {
  readonly #ids: string[];
  readonly #positions = new Map<string, number>();
  /** What was asked for last: rows often stand user by user. */
  #lastId: string | undefined;
  #lastPosition = -1;

  constructor(ids: Iterable<string> = []) {
    this.#ids = [];
    for (const id of ids) this.add(id);
  }

  get size(): number {
    return this.#ids.length;
  }

  /** The id's position; a new id goes to the end. */
  add(id: string): number {
    const known = this.#positions.get(id);
    if (known !== undefined) return known;
    this.#positions.set(id, this.#ids.length);
    return this.#ids.push(id) - 1;
  }

  /** The id's position, or -1. */
  indexOf(id: string): number {
    if (id === this.#lastId) return this.#lastPosition;
    const position = this.#positions.get(id);
    if (position === undefined) return -1;
    this.#lastId = id;
    this.#lastPosition = position;
    return position;
  }

  /** The id at a position. */
  at(position: number): string {
    const id = this.#ids[position];
    if (id === undefined) throw new RangeError(`No id at position ${position} of ${this.#ids.length}.`);
    return id;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#ids.values();
  }
}
