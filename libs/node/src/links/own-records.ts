import {
  type AgentRecord,
  type AgentRecordStore,
  MAX_LEASE_US,
  type PeerStore,
  type PutOutcome,
  type SignedAgentRecord,
  type SignedNodeRecord,
  type StoredRecord,
  agentRecords,
  nextSeq,
  nodeRecords,
} from '@musubi/membership';
import {
  AgentOfflineError,
  type AgentPubKey,
  type Clock,
  type Timestamp,
  parseTimestamp,
} from '@musubi/messaging';
import { type AgentSigner, type NodeIdentity } from '@musubi/network/nodes';

export interface OwnRecordsParts {
  readonly identity: NodeIdentity;
  readonly signer: AgentSigner;
  readonly agents: AgentRecordStore;
  readonly peers: PeerStore;
  readonly clock: Pick<Clock, 'now'>;
}

/** A record is signed anew when less than half of its lease is left. */
const RENEWAL_US = MAX_LEASE_US / 2;
/** Somebody else may have stored a record with the same seq meanwhile. */
const MAX_TRIES = 3;
/** Agents whose records need not be read again. */
const REMEMBERED = 10_000;

/** There is no room for another record of this node's own. */
export class RecordsFullError extends Error {
  override readonly name = 'RecordsFullError';

  constructor() {
    super('the store of records is full');
  }
}

/**
 * The records that this node and its agents sign. Nothing is signed ahead: a record is made when somebody needs it and
 * the stored one will not do. So a start with thousands of agents signs nothing.
 */
export class OwnRecords {
  private readonly ofAgents = new Map<AgentPubKey, SignedAgentRecord>();
  private readonly underway = new Map<AgentPubKey, Promise<SignedAgentRecord>>();

  constructor(private readonly parts: OwnRecordsParts) {}

  /** @throws RecordsFullError */
  async ofNode(addresses: readonly string[]): Promise<SignedNodeRecord> {
    const { identity, peers } = this.parts;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const known = await peers.find(identity.key);
      if (known?.fork === null && this.isFresh(known.record) && saysThat(known.record, addresses))
        return known.record;
      const content = { node: identity.key, addresses, relays: [], arc: 'full' as const };
      const seq = nextSeq(known === undefined ? [] : [known.record.content.seq]);
      const record = nodeRecords.sign({ ...content, seq, ...this.lease() }, identity);
      if (isIn(await peers.put(record, null))) return record;
    }
    throw new RecordsFullError();
  }

  /**
   * Where the agent is: here. One whose key is locked has the record that it signed last.
   * @throws AgentOfflineError when it is locked and never had one; RecordsFullError
   */
  async ofAgent(agent: AgentPubKey): Promise<SignedAgentRecord> {
    const remembered = this.ofAgents.get(agent);
    if (remembered !== undefined && this.isFresh(remembered)) return remembered;
    const underway = this.underway.get(agent) ?? this.recordOf(agent);
    this.underway.set(agent, underway);
    try {
      return await underway;
    } finally {
      this.underway.delete(agent);
    }
  }

  private async recordOf(agent: AgentPubKey): Promise<SignedAgentRecord> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const known = await this.parts.agents.find(agent);
      if (known !== undefined && this.isGood(known)) return this.remember(known.record);
      const record = this.signed(agent, known?.record);
      const isKept = record === known?.record || isIn(await this.parts.agents.put(record, null));
      if (isKept) return this.remember(record);
    }
    throw new RecordsFullError();
  }

  private isGood({ fork, record }: StoredRecord<AgentRecord>): boolean {
    return fork === null && this.isHere(record) && this.isFresh(record);
  }

  private isHere({ content }: SignedAgentRecord): boolean {
    return content.node === this.parts.identity.key && !content.tombstone;
  }

  /** @throws AgentOfflineError */
  private signed(agent: AgentPubKey, known: SignedAgentRecord | undefined): SignedAgentRecord {
    const { identity, signer } = this.parts;
    const seq = nextSeq(known === undefined ? [] : [known.content.seq]);
    const content = { agent, node: identity.key, tombstone: false, seq, ...this.lease() };
    try {
      return agentRecords.sign(content, { sign: (bytes) => signer.sign(agent, bytes) });
    } catch (error) {
      // An address stays true when its lease has ended.
      if (error instanceof AgentOfflineError && known !== undefined && this.isHere(known)) return known;
      throw error;
    }
  }

  private remember(record: SignedAgentRecord): SignedAgentRecord {
    if (this.ofAgents.size >= REMEMBERED) this.ofAgents.clear();
    this.ofAgents.set(record.content.agent, record);
    return record;
  }

  private lease(): { readonly issued: Timestamp; readonly expires: Timestamp } {
    const issued = this.parts.clock.now();
    return { issued, expires: parseTimestamp(issued + MAX_LEASE_US) };
  }

  /** One from the future was signed by a wrong clock, and would show no presence. */
  private isFresh({ content }: SignedAgentRecord | SignedNodeRecord): boolean {
    const now = this.parts.clock.now();
    return content.issued <= now && content.expires - now > RENEWAL_US;
  }
}

function saysThat({ content }: SignedNodeRecord, addresses: readonly string[]): boolean {
  return content.addresses.join(' ') === addresses.join(' ') && content.relays.length === 0;
}

/** @throws RecordsFullError */
function isIn(outcome: PutOutcome): boolean {
  if (outcome === 'full') throw new RecordsFullError();
  return outcome === 'stored' || outcome === 'known';
}
