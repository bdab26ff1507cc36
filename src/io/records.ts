const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Where the whole records at the front of some bytes lie. */
export interface Records {
  /** Per record: the offset just past its newline. */
  readonly ends: readonly number[];
  /** Per record: how many cells it has. A blank line has one. */
  readonly cells: readonly number[];
  /** Per record: the line it starts on, counted from 0; one more entry for the line after the last record. */
  readonly lines: readonly number[];
  /** Whether any record ends in CR LF. */
  readonly returns: boolean;
  /** Offset of text right after a closing quote, where the scan stops; -1 if there is none. */
  readonly stray: number;
}

/**
 * Finds the records of delimited text (RFC 4180: a quote at a cell's start opens a quoted cell, in which delimiters
 * and newlines are data and a doubled quote is one quote; elsewhere a quote is data). An unfinished last record is left out.
 */
export function scanRecords(bytes: Uint8Array, delimiter: number): Records {
  const ends: number[] = [];
  const cells: number[] = [];
  const lines: number[] = [0];
  const length = bytes.length;
  let returns = false;
  let position = 0;
  let line = 0;
  let cell = 1;
  while (position < length) {
    if (bytes[position] === QUOTE) {
      position++;
      for (; position < length; position++) {
        const byte = bytes[position]!;
        if (byte === NEWLINE) line++;
        else if (byte === QUOTE && bytes[++position] !== QUOTE) break;
      }
      if (position >= length) break;
      const next = bytes[position]!;
      if (next === RETURN && position + 1 >= length) break;
      if (next !== delimiter && next !== NEWLINE && !(next === RETURN && bytes[position + 1] === NEWLINE)) {
        return { ends, cells, lines, returns, stray: position };
      }
    }
    let byte = 0;
    while (position < length) {
      byte = bytes[position++]!;
      if (byte === delimiter || byte === NEWLINE) break;
    }
    if (byte === delimiter) cell++;
    else if (byte === NEWLINE) {
      if (position > 1 && bytes[position - 2] === RETURN) returns = true;
      ends.push(position);
      cells.push(cell);
      lines.push(++line);
      cell = 1;
    }
  }
  return { ends, cells, lines, returns, stray: -1 };
}

/** The records that end at `ends`, every CR LF at a record's end made LF. */
export function withoutReturns(bytes: Uint8Array, ends: readonly number[]): Uint8Array {
  const out = new Uint8Array(ends.at(-1) ?? 0);
  let length = 0;
  let start = 0;
  for (const end of ends) {
    const hasReturn = end - start > 1 && bytes[end - 2] === RETURN;
    const record = bytes.subarray(start, hasReturn ? end - 2 : end - 1);
    out.set(record, length);
    length += record.length;
    out[length++] = NEWLINE;
    start = end;
  }
  return out.subarray(0, length);
}

/** Whether the bytes from `start` to the record's `end` are an empty line. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 || (end - start === 2 && bytes[start] === RETURN);
}
