import { MalformedBytesError } from './crypto.errors.js';

/** The smallest size class of what is stored: messages of up to some 250 characters, and every receipt. */
const SMALLEST_BYTES = 1024;
/** ISO/IEC 7816-4: this byte, then zeros. */
const MARK = 0x80;

/**
 * The size class of `length` bytes: Padmé (Nikitin et al., “Reducing Metadata Leakage from Encrypted Files and
 * Communication with PURBs”, PoPETs 2019, §4): with E = ⌊log₂ L⌋ and S = ⌊log₂ E⌋ + 1, the last E − S bits are
 * zero. It costs at most 12 % and leaks O(log log L) bits.
 */
function padme(length: number): number {
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - kept);
  return Math.ceil(length / step) * step;
}

/**
 * How long `length` bytes are when padded: the smallest class at least, then in Padmé's.
 * @param smallest in bytes; 1024 unless given
 */
export function paddedLength(length: number, smallest = SMALLEST_BYTES): number {
  return padme(Math.max(length + 1, smallest));
}

/**
 * ISO/IEC 7816-4 up to the size class.
 * @param smallest in bytes; 1024 unless given
 */
export function pad(bytes: Uint8Array, smallest = SMALLEST_BYTES): Uint8Array {
  const padded = new Uint8Array(paddedLength(bytes.length, smallest));
  padded.set(bytes);
  padded[bytes.length] = MARK;
  return padded;
}

/** Pads the first bytes of a room where they stand. @returns the part of it that is their size class */
export function padInPlace(room: Uint8Array, length: number): Uint8Array {
  const padded = room.subarray(0, paddedLength(length));
  padded.fill(0, length);
  padded[length] = MARK;
  return padded;
}

/** @throws MalformedBytesError unless pad() made it, with the same smallest class */
export function unpad(padded: Uint8Array, smallest = SMALLEST_BYTES): Uint8Array {
  return new Uint8Array(unpadInPlace(padded, smallest));
}

/** @returns the part that was padded. @throws MalformedBytesError as `unpad` does */
export function unpadInPlace(padded: Uint8Array, smallest = SMALLEST_BYTES): Uint8Array {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  if (end < 0 || padded[end] !== MARK || padded.length !== paddedLength(end, smallest)) {
    throw new MalformedBytesError('the padding is not one of ours');
  }
  return padded.subarray(0, end);
}
