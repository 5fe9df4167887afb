import { type AgentPubKey, type Clock, type Log } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';
import { type AgentRecord, type SignedAgentRecord, agentRecords } from '../record/agent-record.js';
import { MAX_LEASE_US } from '../record/items.js';
import { nextSeq } from '../record/rules.js';
import { type AgentRecordStore, type StoredRecord } from '../store/record-store.js';
import { isDue, leaseFrom } from './lease.js';

/** An agent's unlocked key. `AgentKeys` is one. */
export interface AnnouncingKeys {
  readonly agent: AgentPubKey;
  /** Ed25519: 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

export interface AnnounceOptions {
  /** The agent has moved to this node: its record may name another one. */
  readonly isMoving?: boolean;
}

export type Announcement =
  /** The record says that the agent is here. `isNew` when it was signed just now. */
  | { readonly kind: 'here'; readonly record: SignedAgentRecord; readonly isNew: boolean }
  /** The agent's record names another node, or none. Nothing was signed. */
  | { readonly kind: 'elsewhere'; readonly record: SignedAgentRecord };

/** There is no room for another record of this node's own. */
export class RecordsFullError extends Error {
  override readonly name = 'RecordsFullError';

  constructor() {
    super('the store of records is full');
  }
}

interface OwnAgentsParts {
  readonly self: NodeKey;
  readonly store: AgentRecordStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** The records of this node's agents, signed with their keys while those are unlocked. */
export class OwnAgents {
  /** One at a time for each agent: two records with one seq would be a fork. */
  private readonly working = new Map<AgentPubKey, Promise<unknown>>();

  constructor(private readonly parts: OwnAgentsParts) {}

  /**
   * Signs only when that is needed: a new agent, one that moves here, a fork, or less than half of the lease left.
   * @throws RecordsFullError, and what the keys throw
   */
  announce(keys: AnnouncingKeys, { isMoving = false }: AnnounceOptions = {}): Promise<Announcement> {
    return this.inTurn(keys.agent, async () => {
      const known = await this.parts.store.find(keys.agent);
      if (known === undefined) return this.sign(keys, undefined);
      const isHere = this.isHere(known.record);
      if (!isHere && !isMoving) return { kind: 'elsewhere', record: known.record };
      if (isHere && this.isGood(known)) return { kind: 'here', record: known.record, isNew: false };
      return this.sign(keys, known);
    });
  }

  /** The agent leaves this node, and is on no other. @returns null when it was elsewhere already */
  withdraw(keys: AnnouncingKeys): Promise<SignedAgentRecord | null> {
    return this.inTurn(keys.agent, async () => {
      const known = await this.parts.store.find(keys.agent);
      if (known !== undefined && !this.isHere(known.record)) return null;
      const record = this.recordFor(keys, known, true);
      await this.put(record);
      return record;
    });
  }

  isHere({ content }: SignedAgentRecord): boolean {
    return content.node === this.parts.self && !content.tombstone;
  }

  private isGood({ fork, isPinned, record }: StoredRecord<AgentRecord>): boolean {
    return fork === null && isPinned && !isDue(record.content, this.parts.clock.now());
  }

  private async sign(
    keys: AnnouncingKeys,
    known: StoredRecord<AgentRecord> | undefined,
  ): Promise<Announcement> {
    const record = this.recordFor(keys, known, false);
    await this.put(record);
    return { kind: 'here', record, isNew: true };
  }

  private recordFor(
    keys: AnnouncingKeys,
    known: StoredRecord<AgentRecord> | undefined,
    tombstone: boolean,
  ): SignedAgentRecord {
    const { clock, self } = this.parts;
    const seq = nextSeq(known === undefined ? [] : [known.record.content.seq]);
    const lease = leaseFrom(clock.now(), MAX_LEASE_US);
    return agentRecords.sign({ agent: keys.agent, node: self, tombstone, seq, ...lease }, keys);
  }

  /** @throws RecordsFullError */
  private async put(record: SignedAgentRecord): Promise<void> {
    const outcome = await this.parts.store.put(record, null);
    if (outcome === 'full') throw new RecordsFullError();
    // Another process of this node was faster: the next look at it ends the fork.
    if (outcome !== 'stored') this.parts.log.warn('own-agent-record-not-stored', { outcome });
  }

  private async inTurn<Value>(agent: AgentPubKey, work: () => Promise<Value>): Promise<Value> {
    const before = this.working.get(agent) ?? Promise.resolve();
    const done = before.then(work, work);
    this.working.set(agent, done);
    try {
      return await done;
    } finally {
      if (this.working.get(agent) === done) this.working.delete(agent);
    }
  }
}
