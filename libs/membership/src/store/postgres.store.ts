import { equalBytes, fromBase64Url } from '@musubi/crypto';
import { type Sql, transact } from '@musubi/database';
import { type AgentPubKey, type Day } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';
import { type DataSource } from 'typeorm';
import { type AgentRecord, agentRecords } from '../record/agent-record.js';
import { type NodeRecord, nodeRecords } from '../record/node-record.js';
import { type Dated, type RecordKind, type SignedRecord } from '../record/signed-record.js';
import { type NodeRecordRow } from '../schema/index.js';
import { CardsFullError } from './cards.js';
import { place } from './placing.js';
import { type RecordStatements, type RecordTable, statementsFor } from './postgres-statements.js';
import {
  type AgentRecordStore,
  type PeerStore,
  type PutOutcome,
  type RecordStore,
  type StoreLimits,
  type StoredRecord,
} from './record-store.js';
import { type Sealing, UNSEALED, sealedUnder } from './sealing.js';

type Row = Pick<NodeRecordRow, 'name' | 'record' | 'fork' | 'told_by' | 'holds' | 'contact_day'>;

interface Table<Content extends Dated> {
  readonly table: RecordTable;
  readonly kind: RecordKind<Content>;
  readonly sealing: Sealing;
  readonly watch?: RecordWatch<Content> | undefined;
}

interface Written<Content> extends StoredRecord<Content> {
  /** The name of the node that told it; `null` when it is this node's own. */
  readonly teller: Uint8Array | null;
  /** So many more agents hold it. */
  readonly holds: number;
}

/** What else changes with a record. */
export interface RecordWatch<Content> {
  /** In the transaction that stores it. What it throws undoes both. */
  within(tx: Sql, record: SignedRecord<Content>): Promise<void>;
  /** It is stored. */
  stored(record: SignedRecord<Content>): Promise<void>;
}

interface Size {
  readonly records: number;
  readonly bytes: number;
  readonly held_records: number;
  readonly held_bytes: number;
}

interface Source {
  /** `null` for what is this node's own. */
  readonly toldBy: NodeKey | null;
  /** So many more agents of this node have taken it by a card. */
  readonly holds: number;
}

/** Rolls a put back. */
class FullError extends Error {
  override readonly name = 'FullError';
}

class PostgresRecords<Key extends string, Content extends Dated> implements RecordStore<Key, Content> {
  private readonly sql: RecordStatements;

  constructor(
    protected readonly db: DataSource,
    private readonly of: Table<Content>,
    private readonly limits: StoreLimits,
  ) {
    this.sql = statementsFor(of.table);
  }

  async put(record: SignedRecord<Content>, toldBy: NodeKey | null): Promise<PutOutcome> {
    try {
      const outcome = await transact(this.db, (tx) => this.putWithin(tx, record, toldBy));
      if (outcome === 'stored') await this.of.watch?.stored(record);
      return outcome;
    } catch (error) {
      if (error instanceof FullError) return 'full';
      throw error;
    }
  }

  /** As `put`, in the caller's transaction. @throws Error when there is no room: nothing of the transaction may stay */
  putWithin(tx: Sql, record: SignedRecord<Content>, toldBy: NodeKey | null): Promise<PutOutcome> {
    return this.placeWithin(tx, record, { toldBy, holds: 0 });
  }

  /** An agent of this node has taken it by a card. @throws CardsFullError when more than half is there by cards */
  async putByCard(
    tx: Sql,
    record: SignedRecord<Content>,
    { holds, self }: { readonly holds: number; readonly self: NodeKey },
  ): Promise<PutOutcome> {
    try {
      const outcome = await this.placeWithin(tx, record, { toldBy: self, holds });
      if (holds > 0 && (await this.areTooManyHeld(tx))) throw new CardsFullError();
      return outcome;
    } catch (error) {
      throw error instanceof FullError ? new CardsFullError() : error;
    }
  }

  /** So many more agents of this node have it by a card, or fewer. */
  async hold(tx: Sql, key: Key, by: number): Promise<void> {
    await tx.query(this.sql.hold, [this.nameOf(key), by]);
  }

  /** Puts take turns. */
  async lock(tx: Sql): Promise<void> {
    await tx.query(this.sql.lock, [this.of.table]);
  }

  /** The transaction that may have stored the record has committed. */
  async noteStored(record: SignedRecord<Content>): Promise<void> {
    await this.of.watch?.stored(record);
  }

  private async placeWithin(
    tx: Sql,
    record: SignedRecord<Content>,
    { holds, toldBy }: Source,
  ): Promise<PutOutcome> {
    const name = this.nameOf(this.of.kind.keyOf(record));
    await this.lock(tx);
    const { outcome, row } = place(await this.read(tx, name), record, toldBy === null);
    if (row !== null) {
      const teller = toldBy === null ? null : this.nameOf(toldBy);
      await this.write(tx, name, { ...row, teller, holds });
    } else if (holds > 0) await tx.query(this.sql.hold, [name, holds]);
    if (outcome === 'stored') await this.of.watch?.within(tx, record);
    return outcome;
  }

  find(key: Key): Promise<StoredRecord<Content> | undefined> {
    return this.read(this.db, this.nameOf(key));
  }

  async remove(key: Key): Promise<void> {
    await this.db.query(this.sql.remove, [this.nameOf(key)]);
  }

  private nameOf(key: string): Uint8Array {
    return this.of.sealing.nameOf(fromBase64Url(key));
  }

  private async read(db: Sql, name: Uint8Array): Promise<StoredRecord<Content> | undefined> {
    const [row] = await db.query<Row[]>(this.sql.find, [name]);
    return row && this.storedOf(row);
  }

  /** @throws FullError */
  private async write(tx: Sql, name: Uint8Array, written: Written<Content>): Promise<void> {
    const { sealing } = this.of;
    const { fork, holds, record, teller } = written;
    await tx.query(this.sql.write, [
      name,
      sealing.seal(record.bytes, name),
      fork && sealing.seal(fork.bytes, name),
      teller,
      holds,
    ]);
    while (await this.isOver(tx)) {
      const [victim] = await tx.query<Pick<Row, 'name'>[]>(this.sql.victim, [name]);
      if (victim === undefined || equalBytes(victim.name, name)) throw new FullError();
      await tx.query(this.sql.remove, [victim.name]);
    }
  }

  private async isOver(tx: Sql): Promise<boolean> {
    const { bytes, records } = await this.size(tx);
    return records > this.limits.maxRecords || bytes > this.limits.maxBytes;
  }

  private async areTooManyHeld(tx: Sql): Promise<boolean> {
    const { held_bytes, held_records } = await this.size(tx);
    return 2 * held_records > this.limits.maxRecords || 2 * held_bytes > this.limits.maxBytes;
  }

  private async size(tx: Sql): Promise<Size> {
    const [size] = await tx.query<Size[]>(this.sql.size);
    return size ?? { records: 0, bytes: 0, held_records: 0, held_bytes: 0 };
  }

  protected storedOf({ name, record, fork, told_by, holds, contact_day }: Row): StoredRecord<Content> {
    const { kind, sealing } = this.of;
    const opened = (stored: Uint8Array): SignedRecord<Content> => kind.reopen(sealing.open(stored, name));
    return {
      record: opened(record),
      isPinned: told_by === null || holds > 0,
      contactDay: contact_day,
      fork: fork && opened(fork),
    };
  }
}

export class PostgresPeerStore extends PostgresRecords<NodeKey, NodeRecord> implements PeerStore {
  constructor(db: DataSource, limits: StoreLimits) {
    super(db, { table: 'node_record', kind: nodeRecords, sealing: UNSEALED }, limits);
  }

  async noteContact(node: NodeKey, day: Day): Promise<void> {
    await this.db.query(
      'update node_record set contact_day = $2 where name = $1 and contact_day is distinct from $2',
      [fromBase64Url(node), day],
    );
  }

  async count(): Promise<number> {
    const [row] = await this.db.query<{ nodes: number }[]>('select count(*)::int as nodes from node_record');
    return row?.nodes ?? 0;
  }

  async list(after: NodeKey | null, limit: number): Promise<readonly StoredRecord<NodeRecord>[]> {
    const rows = await this.db.query<Row[]>(
      `select name, record, fork, told_by, holds, contact_day from node_record
       where name > $1 order by name limit $2`,
      [after === null ? BEFORE_ALL : fromBase64Url(after), limit],
    );
    return rows.map((row) => this.storedOf(row));
  }
}

/** Less than every key. */
const BEFORE_ALL = new Uint8Array();

export class PostgresAgentRecordStore
  extends PostgresRecords<AgentPubKey, AgentRecord>
  implements AgentRecordStore
{
  /** @param secret of the node, 32 bytes: the rows are sealed and named with it */
  constructor(
    db: DataSource,
    secret: Uint8Array,
    limits: StoreLimits & { readonly watch?: RecordWatch<AgentRecord> },
  ) {
    const { watch } = limits;
    super(db, { table: 'agent_record', kind: agentRecords, sealing: sealedUnder(secret), watch }, limits);
  }
}
