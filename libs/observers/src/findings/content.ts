import { type HeldRow } from '../parties/observer.js';
import { SHORT_BYTES } from '../parties/sizes.js';
import { type Spelling, type SpeltText, canaryFinder } from './canary.js';
import { Dictionary, type Guess } from './guesses.js';
import { type NeedleFinder } from './needle-finder.js';
import { bytesOfValue } from './value-bytes.js';

/** Where a text was found first. */
interface FoundText {
  readonly text: string;
  /** `table.column` */
  readonly field: string;
  readonly by: Spelling | 'hash';
}

/** What is held in one column. */
interface HeldField {
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

interface Field {
  /** `table.column` */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array();

interface Tallied {
  values: number;
  bytes: number;
  readonly sizes: Set<number>;
}

/** What can be read off rows, one after another. */
export class ContentSense {
  private readonly finder: NeedleFinder<SpeltText>;
  private readonly found = new Set<string>();
  private readonly dictionary: Dictionary;
  private readonly canaries: FoundText[] = [];
  private readonly guesses = new Map<string, FoundText>();
  private readonly fields = new Map<string, Tallied>();
  private bodyBytes = 0;

  constructor(canaries: readonly string[], guesses: readonly Guess[]) {
    this.finder = canaryFinder(canaries);
    this.dictionary = new Dictionary(guesses);
  }

  take({ table, values }: HeldRow): void {
    for (const [column, value] of Object.entries(values)) {
      if (value === null) continue;
      const bytes = bytesOfValue(value) ?? NOTHING;
      const field = { name: `${table}.${column}`, bytes };
      this.tally(field);
      this.guess(field);
      this.search(field);
    }
  }

  findings(): Content {
    const fields = [...this.fields].map(([field, { values, bytes, sizes }]) => {
      return [field, { values, bytes, sizes: sizes.size }] as const;
    });
    const { canaries, bodyBytes } = this;
    return { canaries, guesses: [...this.guesses.values()], fields: Object.fromEntries(fields), bodyBytes };
  }

  private tally({ name, bytes: { length } }: Field): void {
    const tallied = this.fields.get(name) ?? { values: 0, bytes: 0, sizes: new Set<number>() };
    this.fields.set(name, tallied);
    tallied.values += 1;
    tallied.bytes += length;
    tallied.sizes.add(length);
    if (length > SHORT_BYTES) this.bodyBytes += length;
  }

  private guess({ name, bytes }: Field): void {
    const text = this.dictionary.textOf(bytes);
    if (text === undefined || this.guesses.has(text)) return;
    this.guesses.set(text, { text, field: name, by: 'hash' });
  }

  private search({ name, bytes }: Field): void {
    for (const { text, by } of this.finder.find(bytes)) {
      if (this.found.has(text)) continue;
      this.found.add(text);
      this.canaries.push({ text, field: name, by });
    }
  }
}
