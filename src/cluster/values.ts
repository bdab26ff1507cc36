import { createHash } from "node:crypto";

/** The arrays that jobs and results of blocks are made of. */
const KINDS = { Float32Array, Float64Array, Uint32Array } as const;

export type Numbers = Float32Array | Float64Array | Uint32Array;
export type Kind = keyof typeof KINDS;

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
]);
const ALIGNMENT = 8;
const SEAL_BYTES = 32;

/**
 * JSON of a value in which `place` stands for each array; every number keeps its bits.
 * @throws TypeError for a function or an array of another kind: they can't go to another process
 */
export function toJson(value: unknown, place: (array: Numbers) => object): string {
  return JSON.stringify(value, (name, part) => {
    if (typeof part === "function") throw new TypeError(`${name} is a function, which stays in its process.`);
    if (typeof part === "number") return specialOf(part) ?? part;
    if (!ArrayBuffer.isView(part)) return part;
    kindOf(part as Numbers);
    return { $array: place(part as Numbers) };
  });
}

/** The value again; `find` gives the array that a place stands for. */
export function fromJson(text: string, find: (place: never) => Numbers): unknown {
  return JSON.parse(text, (_, part) => {
    if (part?.$array !== undefined) return find(part.$array as never);
    return part?.$number === undefined ? part : SPECIAL.get(part.$number);
  });
}

function specialOf(value: number): { $number: string } | undefined {
  if (Number.isFinite(value) && !Object.is(value, -0)) return undefined;
  return { $number: Object.is(value, -0) ? "-0" : String(value) };
}

export function kindOf(array: Numbers): Kind {
  const kind = array[Symbol.toStringTag] as Kind;
  if (!(kind in KINDS)) throw new TypeError(`A job of a cluster can't have a ${kind}.`);
  return kind;
}

/** An array of a kind on a buffer, or so many zeros where it can be shared by threads. */
export function numbersOf(kind: Kind, length: number, buffer?: ArrayBufferLike, offset = 0): Numbers {
  const Type = KINDS[kind];
  const memory = buffer ?? new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT);
  return new Type(memory as ArrayBuffer, offset, length);
}

export function bytesOf(array: Numbers): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A value as bytes: the length of its JSON, its JSON, its arrays, each at a multiple of 8. */
export function pack(value: unknown): Uint8Array {
  const arrays: { readonly array: Numbers; readonly at: number }[] = [];
  let end = 0;
  const json = Buffer.from(
    toJson({ value }, (array) => {
      const at = end;
      arrays.push({ array, at });
      end = aligned(at + array.byteLength);
      return { kind: kindOf(array), length: array.length, at };
    }),
  );
  const start = aligned(ALIGNMENT + json.length);
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, ALIGNMENT);
  for (const { array, at } of arrays) bytes.set(bytesOf(array), start + at);
  return bytes;
}

/** What was packed; its arrays are views of the bytes. */
export function unpack(bytes: Uint8Array): unknown {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const json = Buffer.from(bytes.subarray(ALIGNMENT, ALIGNMENT + length)).toString();
  const start = bytes.byteOffset + aligned(ALIGNMENT + length);
  const find = ({ kind, length, at }: { kind: Kind; length: number; at: number }) =>
    numbersOf(kind, length, bytes.buffer, start + at);
  return (fromJson(json, find) as { value: unknown }).value;
}

/** The bytes behind a SHA-256 of them and of the key that they belong under. */
export function seal(key: string, bytes: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(SEAL_BYTES + bytes.length);
  sealed.set(sealOf(key, bytes));
  sealed.set(bytes, SEAL_BYTES);
  return sealed;
}

/** The bytes that were sealed under this key; undefined if any was altered or is missing. */
export function unseal(key: string, sealed: Uint8Array): Uint8Array | undefined {
  const bytes = sealed.subarray(SEAL_BYTES);
  return sealOf(key, bytes).equals(sealed.subarray(0, SEAL_BYTES)) ? bytes : undefined;
}

function sealOf(key: string, bytes: Uint8Array): Buffer {
  return createHash("sha256").update(`${key}\n`).update(bytes).digest();
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
