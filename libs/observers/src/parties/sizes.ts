import { type SizeClass, type SizedRow, type Sizes } from '../inference/equal-sizes.js';
import { type HeldRow } from './observer.js';

/** The longest of hashes, keys and signatures: an Ed25519 signature. What is longer is a body, in clear or sealed. */
export const SHORT_BYTES = 64;

/** How long each agent's bodies are: all that a seal leaves to be seen of them. */
export class SizeSense {
  /** By `table.column`, then by length. */
  private readonly fields = new Map<string, Map<number, SizedRow[]>>();

  constructor(private readonly agents: number) {}

  take({ table, values }: HeldRow, agent: number | null, at: number | undefined): void {
    if (agent === null) return;
    for (const [column, value] of Object.entries(values)) {
      if (!(value instanceof Uint8Array) || value.length <= SHORT_BYTES) continue;
      this.note(`${table}.${column}`, value.length, { agent, at });
    }
  }

  findings(): Sizes {
    return sizesOf(this.agents, [...this.fields.values()]);
  }

  private note(field: string, length: number, row: SizedRow): void {
    const lengths = this.fields.get(field) ?? new Map<number, SizedRow[]>();
    this.fields.set(field, lengths);
    const rows = lengths.get(length) ?? [];
    lengths.set(length, rows);
    rows.push(row);
  }
}

/** @param fields rows by their length, field by field */
export function sizesOf(agents: number, fields: readonly ReadonlyMap<number, readonly SizedRow[]>[]): Sizes {
  return { agents, classes: fields.flatMap(classesOf) };
}

/** A field whose rows are all of one length has one class, which says nothing: 0 bits. */
function classesOf(lengths: ReadonlyMap<number, readonly SizedRow[]>): readonly SizeClass[] {
  const all = [...lengths.values()].reduce((sum, rows) => sum + rows.length, 0);
  return [...lengths.values()].map((rows) => ({ bits: Math.log2(all / rows.length), rows }));
}
