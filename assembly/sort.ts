/**
 * Sorts `count` floats >= 0 by their bits, largest first. The result stands at the address that is returned:
 * `values` or `spare`, which has as much room. `counts` is scratch of 256 integers.
 */
export function sortDescending(values: usize, count: i32, spare: usize, counts: usize): usize {
  if (count <= 48) {
    insertionSort(values, count);
    return values;
  }
  const bytes = <usize>count << 2;
  for (let shift = 0; shift < 32; shift += 8) {
    memory.fill(counts, 0, 1024);
    for (let at = values; at != values + bytes; at += 4) {
      const place = counts + (((load<u32>(at) >> shift) & 255) << 2);
      store<u32>(place, load<u32>(place) + 1);
    }
    const first = counts + (((load<u32>(values) >> shift) & 255) << 2);
    if (load<u32>(first) == <u32>count) continue;
    let next: u32 = 0;
    for (let place = counts + 1020; place >= counts; place -= 4) {
      const here = load<u32>(place);
      store<u32>(place, next);
      next += here;
    }
    for (let at = values; at != values + bytes; at += 4) {
      const value = load<u32>(at);
      const place = counts + (((value >> shift) & 255) << 2);
      const rank = load<u32>(place);
      store<u32>(place, rank + 1);
      store<u32>(spare + (<usize>rank << 2), value);
    }
    const sorted = spare;
    spare = values;
    values = sorted;
  }
  return values;
}

function insertionSort(values: usize, count: i32): void {
  for (let at = values + 4; at < values + (<usize>count << 2); at += 4) {
    const value = load<u32>(at);
    let place = at;
    for (; place > values && load<u32>(place - 4) < value; place -= 4) store<u32>(place, load<u32>(place - 4));
    store<u32>(place, value);
  }
}
