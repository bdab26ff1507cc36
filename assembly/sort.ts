const DIGITS: i32 = 256;

/**
 * Sorts `count` 32-bit patterns (floats >= 0 order as their bits do), largest first. The result stands at the
 * address that is returned: `values` or `spare`, which holds as many. `counts` is scratch of 256 integers.
 */
export function sortDescending(values: usize, count: i32, spare: usize, counts: usize): usize {
  if (count <= 48) {
    insertionSort(values, count);
    return values;
  }
  for (let shift = 0; shift < 32; shift += 8) {
    memory.fill(counts, 0, DIGITS << 2);
    for (let at = 0; at < count; at++) {
      const digit = counts + (((load<u32>(values + (at << 2)) >> shift) & 255) << 2);
      store<u32>(digit, load<u32>(digit) + 1);
    }
    let next: u32 = 0;
    let single = false;
    for (let digit = DIGITS - 1; digit >= 0; digit--) {
      const here = load<u32>(counts + (digit << 2));
      single = single || here == <u32>count;
      store<u32>(counts + (digit << 2), next);
      next += here;
    }
    if (single) continue;
    for (let at = 0; at < count; at++) {
      const value = load<u32>(values + (at << 2));
      const digit = counts + (((value >> shift) & 255) << 2);
      const place = load<u32>(digit);
      store<u32>(digit, place + 1);
      store<u32>(spare + (<usize>place << 2), value);
    }
    const sorted = spare;
    spare = values;
    values = sorted;
  }
  return values;
}

function insertionSort(values: usize, count: i32): void {
  for (let at = 1; at < count; at++) {
    const value = load<u32>(values + (at << 2));
    let place = values + (at << 2);
    while (place > values && load<u32>(place - 4) < value) {
      store<u32>(place, load<u32>(place - 4));
      place -= 4;
    }
    store<u32>(place, value);
  }
}
