import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, parseNonce } from '@musubi/messaging';
import { type TestNode, openTestNode } from '@musubi/testing';
import {
  type CloneState,
  type PairwiseDhtOptions,
  PairwiseDhtStrategy,
  pairwiseDhtDatabase,
} from '../../src/index.js';

interface CloneWorldOptions extends PairwiseDhtOptions {
  readonly ownsDatabase?: boolean;
}

/** A node whose agents have clones, with a network and commits that can be made to fail. */
export class CloneWorld {
  readonly faults: TestNode['networkFaults'];
  readonly commitFaults: TestNode['commitFaults'];
  readonly strategy: PairwiseDhtStrategy;

  private constructor(
    readonly node: TestNode,
    options: PairwiseDhtOptions,
  ) {
    this.faults = node.networkFaults;
    this.commitFaults = node.commitFaults;
    this.strategy = new PairwiseDhtStrategy(node.context, options);
  }

  static async open({ ownsDatabase = false, ...options }: CloneWorldOptions): Promise<CloneWorld> {
    const world = new CloneWorld(await openTestNode({ parts: [pairwiseDhtDatabase], ownsDatabase }), options);
    await world.strategy.init();
    return world;
  }

  async close(): Promise<void> {
    await this.strategy.destroy();
    await this.node.close();
  }

  async newAgent(): Promise<AgentPubKey> {
    return (await this.node.context.keyring.create()).agent;
  }

  async save(author: AgentPubKey, recipient: AgentPubKey): Promise<MessageId> {
    const payload = { type: 'text', text: 'hello' } as const;
    const nonce = parseNonce(toBase64Url(randomBytes(16)));
    const sentAt = this.node.context.clock.now();
    const draft = { author, recipient, payload, replyTo: null, sentAt, nonce };
    return (await this.strategy.save(draft)).message;
  }

  async deliver(author: AgentPubKey, recipient: AgentPubKey): Promise<MessageId> {
    const message = await this.save(author, recipient);
    await this.strategy.confirm(author, await this.strategy.send({ holder: author, message }));
    return message;
  }

  async stateOf(holder: AgentPubKey, peer: AgentPubKey): Promise<CloneState> {
    return (await this.strategy.clones.find(holder, peer)).state;
  }

  /** Everything that is stored: unchanged means that nothing was written. */
  async rows(): Promise<number> {
    const { db } = this.node.context;
    const counts = db.entityMetadatas.map(({ tableName }) => `(select count(*) from "${tableName}")`);
    const [row] = await db.query<{ rows: string }[]>(`select ${counts.join(' + ')} as rows`);
    return Number(row?.rows);
  }
}
