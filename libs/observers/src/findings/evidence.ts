import { PairTable } from '../pairs/pair-table.js';
import { type NamedRow } from './naming.js';
import { SharedValues } from './shared-values.js';

/** Why two agents are taken for a pair. */
type EvidenceKind =
  /** One row names both: a link's base, author or tag; a membrane proof; a record in somebody else's store. */
  | 'named-together'
  /** Their rows, and nobody else's, share a value: an entry hash, a space, an id. */
  | 'shared-value';

/** How often something told of a pair. */
interface Witness {
  readonly kind: EvidenceKind;
  /** The columns it was read from, `table.column`, joined by ` + `. */
  readonly fields: string;
  readonly times: number;
}

export interface PairEvidence {
  /** Symmetric: how often anything told of the pair. */
  readonly pairs: PairTable;
  /** The same by what told of it; they add up to `pairs`. */
  readonly byKind: Readonly<Record<EvidenceKind, PairTable>>;
  /** The most frequent first. */
  readonly witnesses: readonly Witness[];
}

/** Collects what tells of pairs, row by row. */
export class EvidenceSense {
  private readonly byKind: Readonly<Record<EvidenceKind, PairTable>>;
  private readonly shared: SharedValues;
  private readonly times = new Map<string, Witness>();

  constructor(private readonly agents: number) {
    this.byKind = { 'named-together': new PairTable(agents), 'shared-value': new PairTable(agents) };
    this.shared = new SharedValues(agents);
  }

  take(row: NamedRow): void {
    if (row.agents.length > 1) this.tellTogether(row);
    if (row.owner === null) return;
    for (const [column, value] of row.others) this.shared.take(row.owner, `${row.table}.${column}`, value);
  }

  findings(): PairEvidence {
    for (const { agents, columns } of this.shared.findings()) {
      this.tell('shared-value', agents, columns.join(' + '));
    }
    const witnesses = [...this.times.values()].sort((a, b) => b.times - a.times);
    return { pairs: sumOf(Object.values(this.byKind), this.agents), byKind: this.byKind, witnesses };
  }

  private tellTogether({ table, namings, agents }: NamedRow): void {
    const fields = namings.map(({ column }) => `${table}.${column}`).join(' + ');
    agents.forEach((a, index) => {
      for (const b of agents.slice(index + 1)) this.tell('named-together', [a, b], fields);
    });
  }

  private tell(kind: EvidenceKind, [a, b]: readonly [number, number], fields: string): void {
    this.byKind[kind].add(a, b, 1);
    this.byKind[kind].add(b, a, 1);
    const key = `${kind}: ${fields}`;
    this.times.set(key, { kind, fields, times: (this.times.get(key)?.times ?? 0) + 1 });
  }
}

function sumOf(tables: readonly PairTable[], agents: number): PairTable {
  const sum = new PairTable(agents);
  for (const { values } of tables)
    sum.values.set(sum.values.map((value, pair) => value + (values[pair] ?? 0)));
  return sum;
}
