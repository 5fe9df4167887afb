import { freshBytes } from './fresh-bytes.js';

const LENGTH_BYTES = 8;

/** Domains as they are framed, by name: there are as many as there are things to hash. */
const openings = new Map<string, Uint8Array>();

/** What stands before the bytes of a single part. */
export function framedStart(domain: string, length: number): Uint8Array {
  const opening = openings.get(domain) ?? openingOf(domain);
  const bytes = new Uint8Array(opening.length + LENGTH_BYTES);
  bytes.set(opening);
  frameLength(bytes, opening.length, length);
  return bytes;
}

/** A domain and parts, each preceded by its length as 8 bytes, so that no two inputs give the same bytes. */
export function framed(domain: string, parts: readonly Uint8Array[]): Uint8Array {
  const opening = openings.get(domain) ?? openingOf(domain);
  const bytes = freshBytes(parts.reduce((size, part) => size + LENGTH_BYTES + part.length, opening.length));
  bytes.set(opening);
  let offset = opening.length;
  for (const part of parts) offset = framePart(bytes, offset, part);
  return bytes;
}

function openingOf(domain: string): Uint8Array {
  const name = new TextEncoder().encode(domain);
  const opening = new Uint8Array(LENGTH_BYTES + name.length);
  framePart(opening, 0, name);
  openings.set(domain, opening);
  return opening;
}

/** @returns where the next part goes */
function framePart(bytes: Uint8Array, offset: number, part: Uint8Array): number {
  frameLength(bytes, offset, part.length);
  bytes.set(part, offset + LENGTH_BYTES);
  return offset + LENGTH_BYTES + part.length;
}

function frameLength(bytes: Uint8Array, offset: number, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, LENGTH_BYTES);
  // No part has 4 GiB.
  view.setUint32(0, 0);
  view.setUint32(4, length);
}
