import { digest } from './digest.js';

/** Two agents whose rows share a value that nobody else's have. */
interface SharedValue {
  readonly agents: readonly [number, number];
  /** The columns in which it stands, sorted. */
  readonly columns: readonly string[];
}

interface Sharing {
  readonly agents: Set<number>;
  readonly columns: Set<string>;
}

/** Bytes of other lengths are no hashes, keys or nonces. */
const [SHORTEST, LONGEST] = [16, 32];

/** Text that spells so many bytes, in whatever way: letters and digits without blanks, and a digit among them. */
const SPELT = /^(?=.*\d)(?=.*[a-z])[\w-]{22,64}$/i;

/**
 * Values that stand in the rows of exactly two agents: an entry hash on both chains, a space that the two alone are in, a
 * message's id. Only what looks like a hash or an id counts, and each is kept as a hash of 53 bits: among a million of
 * them, two are taken for one in one run of 18,000.
 */
export class SharedValues {
  /** The one agent and column so far, as one number; or all of several agents and columns. */
  private readonly seen = new Map<number, number | Sharing>();
  private readonly fields: string[] = [];
  private readonly fieldIndexes = new Map<string, number>();

  constructor(private readonly agents: number) {}

  take(agent: number, field: string, value: unknown): void {
    const id = idIn(value);
    if (id === null) return;
    const key = digest(id);
    const known = this.seen.get(key);
    if (known === undefined) {
      this.seen.set(key, agent + this.agents * this.indexOf(field));
    } else if (typeof known !== 'number' || known % this.agents !== agent) {
      const sharing = typeof known === 'number' ? this.beginSharing(key, known) : known;
      sharing.agents.add(agent);
      sharing.columns.add(field);
    }
  }

  /** Says nothing of pairs where there are only two agents at all. */
  findings(): readonly SharedValue[] {
    if (this.agents < 3) return [];
    return [...this.seen.values()].flatMap((known) => {
      if (typeof known === 'number') return [];
      const [a, b, ...more] = known.agents;
      if (a === undefined || b === undefined || more.length > 0) return [];
      return [{ agents: [a, b], columns: [...known.columns].sort() }];
    });
  }

  private beginSharing(key: number, first: number): Sharing {
    const field = this.fields[Math.floor(first / this.agents)] ?? '';
    const sharing = { agents: new Set([first % this.agents]), columns: new Set([field]) };
    this.seen.set(key, sharing);
    return sharing;
  }

  private indexOf(field: string): number {
    const known = this.fieldIndexes.get(field);
    if (known !== undefined) return known;
    this.fieldIndexes.set(field, this.fields.length);
    return this.fields.push(field) - 1;
  }
}

function idIn(value: unknown): Uint8Array | null {
  if (typeof value === 'string') return SPELT.test(value) ? Buffer.from(value) : null;
  const isId = value instanceof Uint8Array && value.length >= SHORTEST && value.length <= LONGEST;
  return isId ? value : null;
}
