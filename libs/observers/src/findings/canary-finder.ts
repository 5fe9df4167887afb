import { type Spelling, needlesOf } from './canary.js';

/** The number of a text, and how it is written. */
interface Found {
  readonly index: number;
  readonly spelling: Spelling;
  /** Which of the text's ways of being written it is: the first that is found counts. */
  readonly rank: number;
}

/** By their lengths, all needles that begin alike, spelt byte by byte. */
type Alike = Map<number, Map<string, Found[]>>;

/** The shortest needle that can be told from its beginning. */
const START_BYTES = 4;

/**
 * Finds which of any number of texts stand in some bytes, in one pass: most places are passed over by their first two
 * bytes, nearly all others by their first four, and what is left is looked up, not compared with each.
 */
export class CanaryFinder {
  private readonly begins = new Uint8Array(65_536);
  private readonly starts = new Map<number, Alike>();

  /** @throws RangeError when a text is too short to be told from other bytes */
  constructor(readonly texts: readonly string[]) {
    texts.forEach((text, index) => {
      needlesOf(text).forEach(({ spelling, bytes }, rank) => {
        if (bytes.length < START_BYTES)
          throw new RangeError(`the canary ${JSON.stringify(text)} is too short`);
        this.add(bytes, { index, spelling, rank });
      });
    });
  }

  /** The numbers of the texts, each with how it is written. */
  find(bytes: Uint8Array): ReadonlyMap<number, Spelling> {
    const found = new Map<number, Found>();
    for (let at = 0; at + START_BYTES <= bytes.length; at += 1) {
      if (this.begins[pairAt(bytes, at)] === 1) this.match(bytes, at, found);
    }
    return new Map([...found].map(([index, { spelling }]) => [index, spelling]));
  }

  private match(bytes: Uint8Array, at: number, found: Map<number, Found>): void {
    for (const [length, needles] of this.starts.get(startAt(bytes, at)) ?? []) {
      // Where fewer bytes are left, what is spelt is shorter than any of these.
      const here = needles.get(spelt(bytes.subarray(at, at + length))) ?? [];
      for (const needle of here.filter(({ index, rank }) => rank < (found.get(index)?.rank ?? Infinity))) {
        found.set(needle.index, needle);
      }
    }
  }

  private add(bytes: Uint8Array, needle: Found): void {
    this.begins[pairAt(bytes, 0)] = 1;
    const alike = entryOf(this.starts, startAt(bytes, 0), () => new Map<number, Map<string, Found[]>>());
    const needles = entryOf(alike, bytes.length, () => new Map<string, Found[]>());
    entryOf(needles, spelt(bytes), (): Found[] => []).push(needle);
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function spelt(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function startAt(bytes: Uint8Array, at: number): number {
  return (pairAt(bytes, at) << 16) | pairAt(bytes, at + 2);
}
