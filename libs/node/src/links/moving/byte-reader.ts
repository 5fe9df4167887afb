/** Reads exact numbers of bytes from a stream. */
export class ByteReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private held: Uint8Array = new Uint8Array();

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** @returns null at the end of the stream, also when it ends in the middle */
  async take(count: number): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [this.held];
    let size = this.held.length;
    while (size < count) {
      const next = await this.chunks.next();
      if (next.done === true) return null;
      parts.push(next.value);
      size += next.value.length;
    }
    const all = parts.length === 1 ? this.held : Buffer.concat(parts);
    this.held = all.subarray(count);
    return all.subarray(0, count);
  }
}
