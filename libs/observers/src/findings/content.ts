import { type HeldRow } from '../parties/observer.js';
import { Canary, type Spelling } from './canary.js';
import { Dictionary, type Guess } from './guesses.js';
import { bytesOfValue } from './value-bytes.js';

/** Where a text was found first. */
export interface FoundText {
  readonly text: string;
  /** `table.column` */
  readonly field: string;
  readonly by: Spelling | 'hash';
}

/** What is held in one column. */
export interface HeldField {
  /** Values other than null. */
  readonly values: number;
  readonly bytes: number;
  /** How many different lengths: 1 says nothing of what is inside. */
  readonly sizes: number;
}

export interface Content {
  /** Planted texts that stand in what is held. */
  readonly canaries: readonly FoundText[];
  /** Guessed texts that a hash confirms. */
  readonly guesses: readonly FoundText[];
  /** By `table.column`. */
  readonly fields: Readonly<Record<string, HeldField>>;
  /** Bytes of values that are longer than any hash, key or signature: bodies, in clear or sealed. */
  readonly bodyBytes: number;
}

/** The longest of hashes, keys and signatures: an Ed25519 signature. */
const SHORT_BYTES = 64;

interface Tallied {
  values: number;
  bytes: number;
  readonly sizes: Set<number>;
}

/** What can be read off rows, one after another. */
export class ContentSense {
  private readonly missing: Map<string, Canary>;
  private readonly dictionary: Dictionary;
  private readonly canaries: FoundText[] = [];
  private readonly guesses = new Map<string, FoundText>();
  private readonly fields = new Map<string, Tallied>();
  private bodyBytes = 0;

  constructor(canaries: readonly string[], guesses: readonly Guess[]) {
    this.missing = new Map(canaries.map((text) => [text, new Canary(text)]));
    this.dictionary = new Dictionary(guesses);
  }

  take({ table, values }: HeldRow): void {
    for (const [column, value] of Object.entries(values)) {
      if (value === null) continue;
      const field = `${table}.${column}`;
      const bytes = bytesOfValue(value);
      this.tally(field, bytes?.length ?? 0);
      if (bytes !== null) this.look(field, bytes);
    }
  }

  findings(): Content {
    const fields = [...this.fields].map(([field, { values, bytes, sizes }]) => {
      return [field, { values, bytes, sizes: sizes.size }] as const;
    });
    const { canaries, bodyBytes } = this;
    return { canaries, guesses: [...this.guesses.values()], fields: Object.fromEntries(fields), bodyBytes };
  }

  private tally(field: string, length: number): void {
    const tallied = this.fields.get(field) ?? { values: 0, bytes: 0, sizes: new Set<number>() };
    this.fields.set(field, tallied);
    tallied.values += 1;
    tallied.bytes += length;
    tallied.sizes.add(length);
    if (length > SHORT_BYTES) this.bodyBytes += length;
  }

  private look(field: string, bytes: Uint8Array): void {
    for (const [text, canary] of this.missing) {
      const by = canary.spellingIn(bytes);
      if (by === null) continue;
      this.canaries.push({ text, field, by });
      this.missing.delete(text);
    }
    const guessed = this.dictionary.textOf(bytes);
    if (guessed !== undefined && !this.guesses.has(guessed)) {
      this.guesses.set(guessed, { text: guessed, field, by: 'hash' });
    }
  }
}
