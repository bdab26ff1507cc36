const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** The bytes of a text, in UTF-8; halves of surrogate pairs become U+FFFD. */
export function encoded(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; undefined if they are none. */
export function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of bytes for a message: what is not UTF-8 becomes U+FFFD. */
export function decodedAnyway(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** A character a byte. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
