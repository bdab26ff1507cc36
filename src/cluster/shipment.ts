import { createHash } from "node:crypto";
import { breathe } from "../progress.ts";
import { documentKey, pieceKey } from "./keys.ts";
import type { Store } from "./store/store.ts";
import type { ShippedTask } from "./tasks.ts";
import { bytesOf, fromJson, type Kind, kindOf, type Numbers, numbersOf, toJson } from "./values.ts";

/** Bytes of an array that stand under one key: some tens of milliseconds to hash. */
const PIECE = 2 ** 26;

/** Where a job's array is: in pieces by their SHA-256; none for zeros. */
export interface Place {
  readonly kind: Kind;
  readonly length: number;
  readonly pieces: readonly string[];
  /** Its number among the job's arrays, if blocks write to it: then it is this job's own. */
  readonly own?: number | undefined;
}

/** A job as it goes to a store. */
export interface Shipment {
  /** SHA-256 of the build and the document: blocks of equal digests give equal bits. */
  readonly digest: string;
  readonly document: string;
  /** Bytes by their SHA-256, views of the job's arrays. */
  readonly pieces: ReadonlyMap<string, Uint8Array>;
}

/** @throws TypeError for a job with a function in it */
export async function shipmentOf(
  build: string,
  task: ShippedTask,
  job: object,
  signal?: AbortSignal,
): Promise<Shipment> {
  const renumbered = { ...job, ...Object.fromEntries((task.numbering ?? []).map((field) => [field, null])) };
  const places = new Map<Numbers, Place | undefined>();
  toJson(renumbered, (array) => {
    places.set(array, undefined);
    return {};
  });
  const written = new Set(task.writes({ job, block: 0 }).map(({ array }) => array));
  const pieces = new Map<string, Uint8Array>();
  let own = 0;
  for (const array of places.keys()) {
    const keys: string[] = [];
    for (const piece of piecesOf(array)) {
      await breathe(signal);
      const key = sha256(piece);
      keys.push(key);
      pieces.set(key, piece);
    }
    const ownership = written.has(array) ? { own: own++ } : {};
    places.set(array, { kind: kindOf(array), length: array.length, pieces: keys, ...ownership });
  }
  const document = toJson({ task: task.name, job: renumbered }, (array) => places.get(array)!);
  return { digest: digestOf(build, document), document, pieces };
}

/** Puts into the store what workers need, whole, the document last; `known` pieces are there. */
export async function ship(
  store: Store,
  { digest, document, pieces }: Shipment,
  known: Set<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [hash, bytes] of pieces) {
    if (known.has(hash)) continue;
    await breathe(signal);
    await store.put(pieceKey(hash), bytes);
    known.add(hash);
  }
  await store.put(documentKey(digest), Buffer.from(document));
}

/** What binds a job to the build that it was made for. */
export function digestOf(build: string, document: string): string {
  return sha256(Buffer.from(`${build}\n${document}`));
}

/** The arrays of a document. */
export function placesIn(document: string): Place[] {
  const places: Place[] = [];
  fromJson(document, (place: Place) => {
    places.push(place);
    return new Uint32Array(0);
  });
  return places;
}

/** An array from its pieces, where threads can share it. */
export async function arrayAt(
  { kind, length, pieces }: Place,
  load: (piece: string) => Promise<Uint8Array>,
): Promise<Numbers> {
  const array = numbersOf(kind, length);
  const bytes = bytesOf(array);
  for (const [index, piece] of pieces.entries()) bytes.set(await load(piece), index * PIECE);
  return array;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function piecesOf(array: Numbers): Uint8Array[] {
  if (new Uint32Array(array.buffer, array.byteOffset, array.byteLength / 4).every((bits) => bits === 0))
    return [];
  const bytes = bytesOf(array);
  const count = Math.ceil(bytes.length / PIECE);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * PIECE, (index + 1) * PIECE));
}
