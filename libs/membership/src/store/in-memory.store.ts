import { type AgentPubKey, type Day } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';
import { type AgentRecord, agentRecords } from '../record/agent-record.js';
import { type NodeRecord, nodeRecords } from '../record/node-record.js';
import { type Dated, type RecordKind, type SignedRecord } from '../record/signed-record.js';
import { CardsFullError } from './cards.js';
import { compareKeys } from './compare-keys.js';
import { victimOf } from './eviction.js';
import { place } from './placing.js';
import {
  type AgentRecordStore,
  type PeerStore,
  type PutOutcome,
  type RecordStore,
  type StoreLimits,
  type StoredRecord,
} from './record-store.js';

interface Row<Content> extends StoredRecord<Content> {
  readonly key: string;
  /** The node that told it first; `null` for one that is pinned. */
  readonly toldBy: NodeKey | null;
  readonly holds: number;
  readonly arrival: number;
}

class InMemoryRecords<Key extends string, Content extends Dated> implements RecordStore<Key, Content> {
  protected rows = new Map<string, Row<Content>>();
  private arrivals = 0;

  constructor(
    private readonly kind: RecordKind<Content>,
    private readonly limits: StoreLimits,
  ) {}

  put(record: SignedRecord<Content>, toldBy: NodeKey | null): Promise<PutOutcome> {
    return Promise.resolve(this.place(record, { toldBy, holds: 0 }));
  }

  /** @throws CardsFullError */
  putByCard(record: SignedRecord<Content>, self: NodeKey, holds: number): Promise<PutOutcome> {
    const outcome = this.place(record, { toldBy: self, holds });
    if (outcome === 'full' || (holds > 0 && this.areTooManyHeld())) throw new CardsFullError();
    return Promise.resolve(outcome);
  }

  hold(key: string, by: number): Promise<void> {
    const row = this.rows.get(key);
    if (row !== undefined) this.rows.set(key, { ...row, holds: row.holds + by });
    return Promise.resolve();
  }

  /** @returns what makes all as it is now */
  save(): () => void {
    const rows = new Map(this.rows);
    return () => {
      this.rows = rows;
    };
  }

  find(key: Key): Promise<StoredRecord<Content> | undefined> {
    const row = this.rows.get(key);
    return Promise.resolve(row && storedOf(row));
  }

  remove(key: Key): Promise<void> {
    this.rows.delete(key);
    return Promise.resolve();
  }

  private place(
    record: SignedRecord<Content>,
    { holds, toldBy }: { readonly holds: number; readonly toldBy: NodeKey | null },
  ): PutOutcome {
    const key = this.kind.keyOf(record);
    const before = this.rows.get(key);
    const { outcome, row } = place(before && storedOf(before), record, toldBy === null);
    if (row === null) {
      void this.hold(key, holds);
      return outcome;
    }
    const { arrival, holds: heldBefore, toldBy: teller } = before ?? this.newRow(toldBy);
    const written = { key, arrival, holds: heldBefore + holds, toldBy: toldBy && teller };
    return this.write({ ...row, ...written }) ? outcome : 'full';
  }

  private newRow(toldBy: NodeKey | null): Pick<Row<Content>, 'arrival' | 'holds' | 'toldBy'> {
    this.arrivals += 1;
    return { arrival: this.arrivals, holds: 0, toldBy };
  }

  private areTooManyHeld(): boolean {
    const held = [...this.rows.values()].filter(({ holds }) => holds > 0);
    const bytes = held.reduce((sum, { record }) => sum + record.bytes.length, 0);
    return 2 * held.length > this.limits.maxRecords || 2 * bytes > this.limits.maxBytes;
  }

  /** @returns false when the row itself would have to go: then all is as before */
  private write(row: Row<Content>): boolean {
    const rows = new Map(this.rows).set(row.key, row);
    while (this.isOver(rows)) {
      const victim = victimOf([...rows.values()], row);
      if (victim === row) return false;
      rows.delete(victim.key);
    }
    this.rows = rows;
    return true;
  }

  private isOver(rows: ReadonlyMap<string, Row<Content>>): boolean {
    const bytes = Array.from(
      rows.values(),
      ({ record, fork }) => record.bytes.length + (fork?.bytes.length ?? 0),
    );
    return (
      rows.size > this.limits.maxRecords || bytes.reduce((sum, size) => sum + size, 0) > this.limits.maxBytes
    );
  }
}

function storedOf<Content>(row: Row<Content>): StoredRecord<Content> {
  const { contactDay, fork, holds, record, toldBy } = row;
  return { record, isPinned: toldBy === null || holds > 0, contactDay, fork };
}

/** For simulations. */
export class InMemoryPeerStore extends InMemoryRecords<NodeKey, NodeRecord> implements PeerStore {
  constructor(limits: StoreLimits) {
    super(nodeRecords, limits);
  }

  noteContact(node: NodeKey, day: Day): Promise<void> {
    const row = this.rows.get(node);
    if (row !== undefined) this.rows.set(node, { ...row, contactDay: day });
    return Promise.resolve();
  }

  count(): Promise<number> {
    return Promise.resolve(this.rows.size);
  }

  list(after: NodeKey | null, limit: number): Promise<readonly StoredRecord<NodeRecord>[]> {
    const rows = [...this.rows.values()].filter(({ key }) => after === null || compareKeys(key, after) > 0);
    return Promise.resolve(
      rows
        .sort((a, b) => compareKeys(a.key, b.key))
        .slice(0, limit)
        .map(storedOf),
    );
  }
}

/** For simulations. */
export class InMemoryAgentRecordStore
  extends InMemoryRecords<AgentPubKey, AgentRecord>
  implements AgentRecordStore
{
  constructor(limits: StoreLimits) {
    super(agentRecords, limits);
  }
}
