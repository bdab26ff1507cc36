import { compressors, decompressZstd } from "hyparquet-compressors";

export function unGzip(bytes: Uint8Array, size: number): Uint8Array {
  return compressors.GZIP!(bytes, size);
}

export function unBrotli(bytes: Uint8Array, size: number): Uint8Array {
  return compressors.BROTLI!(bytes, size);
}

export function unZstd(bytes: Uint8Array, size: number): Uint8Array {
  return decompressZstd(bytes, new Uint8Array(size));
}

/** The CRC-32 of gzip and PNG (ISO 3309), polynomial edb88320 reflected. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

export function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

/** The text of ASCII bytes. */
export function asciiText(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
