/** Memory that threads share; a browser has none where the page is not cross-origin isolated, and no threads then. */
const Memory = (globalThis.SharedArrayBuffer ?? ArrayBuffer) as SharedArrayBufferConstructor;

/** A Float32Array that worker threads see without a copy. */
export function sharedFloat32(length: number): Float32Array {
  return new Float32Array(new Memory(4 * length));
}

/** A Uint32Array that worker threads see without a copy. */
export function sharedUint32(length: number): Uint32Array {
  return new Uint32Array(new Memory(4 * length));
}

/** A Float64Array that worker threads see without a copy. */
export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new Memory(8 * length));
}

/** The same numbers where worker threads see them without a copy; copied only if they are not there yet. */
export function inSharedMemory<T extends Float32Array | Float64Array | Uint32Array>(array: T): T {
  if (array.buffer instanceof Memory) return array;
  const shared = new Memory(array.byteLength);
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => T)(shared);
  copy.set(array as never);
  return copy;
}
