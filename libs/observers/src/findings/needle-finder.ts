/** Bytes to look for, and what they stand for. */
export interface Needle<Of> {
  readonly of: Of;
  readonly bytes: Buffer;
}

/** What a place is first told apart by. */
const START = 4;

/**
 * Finds any of many needles in one pass. Most places are passed over by their first two bytes, nearly all others by
 * their first four. Needles that begin alike, as numbered texts do, are told apart by as many bytes as the shortest has.
 */
export class NeedleFinder<Of> {
  private readonly begins = new Uint8Array(65_536);
  private readonly needles = new Map<number, Map<string, Needle<Of>[]>>();
  private readonly shortest: number;

  /** @throws RangeError for a needle of fewer than four bytes */
  constructor(needles: readonly Needle<Of>[]) {
    this.shortest = needles.reduce((least, { bytes }) => Math.min(least, bytes.length), Infinity);
    if (this.shortest < START) throw new RangeError(`nothing shorter than ${START} bytes is looked for`);
    for (const needle of needles) this.add(needle);
  }

  /** What the bytes have needles of, each once, in the order of their places. */
  find(bytes: Uint8Array): readonly Of[] {
    const found = new Set<Of>();
    for (let at = 0; at + this.shortest <= bytes.length; at += 1) {
      if (this.begins[pairAt(bytes, at)] === 1) this.match(bytes, at, found);
    }
    return [...found];
  }

  private match(bytes: Uint8Array, at: number, found: Set<Of>): void {
    const sameStart = this.needles.get(startAt(bytes, at));
    for (const needle of sameStart?.get(this.headAt(bytes, at)) ?? []) {
      if (needle.bytes.equals(bytes.subarray(at, at + needle.bytes.length))) found.add(needle.of);
    }
  }

  private add(needle: Needle<Of>): void {
    this.begins[pairAt(needle.bytes, 0)] = 1;
    const start = startAt(needle.bytes, 0);
    const sameStart = this.needles.get(start) ?? new Map<string, Needle<Of>[]>();
    this.needles.set(start, sameStart);
    const head = this.headAt(needle.bytes, 0);
    sameStart.set(head, [...(sameStart.get(head) ?? []), needle]);
  }

  private headAt(bytes: Uint8Array, at: number): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset + at, this.shortest).toString('latin1');
  }
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function startAt(bytes: Uint8Array, at: number): number {
  return (pairAt(bytes, at) << 16) | pairAt(bytes, at + 2);
}
