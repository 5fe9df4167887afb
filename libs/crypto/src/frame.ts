const LENGTH_BYTES = 8;

/** A domain and parts, each preceded by its length as 8 bytes, so that no two inputs give the same bytes. */
export function framed(domain: string, parts: readonly Uint8Array[]): Uint8Array {
  const all = [new TextEncoder().encode(domain), ...parts];
  const bytes = new Uint8Array(all.reduce((size, part) => size + LENGTH_BYTES + part.length, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const part of all) {
    view.setBigUint64(offset, BigInt(part.length));
    bytes.set(part, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + part.length;
  }
  return bytes;
}
