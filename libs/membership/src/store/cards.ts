import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';
import { type ContactCard } from '../card/contact-card.js';
import { type SignedAgentRecord } from '../record/agent-record.js';
import { type SignedNodeRecord } from '../record/node-record.js';
import { type PutOutcome } from './record-store.js';

/** What became of the records of a card. `node` is null when the agent's was forked: then it was not looked at. */
interface TakenCard {
  readonly agent: PutOutcome;
  readonly node: PutOutcome | null;
}

/** Cards of one agent of a node, with as many nodes: a twentieth of the nodes there is room for. */
export const CARD_SHARE = 1000;

export type CardOutcome =
  | TakenCard
  /** Its holder has as many as one agent may have. Nothing was written. */
  | 'share-used'
  /** The node has no room for more cards. Nothing was written. */
  | 'full';

/** Which agents of this node have taken which cards. */
export interface CardStore {
  /** Keeps both records of the card until its holder releases it. Repeatable. */
  take(holder: AgentPubKey, card: ContactCard): Promise<CardOutcome>;
  /** What nobody holds any more stays for as long as there is room. Repeatable. */
  release(holder: AgentPubKey, agent: AgentPubKey): Promise<void>;
}

/** The rows behind a `CardStore`, within one transaction. */
export interface CardRows {
  /** The node of the holder's card of that agent. */
  find(holder: AgentPubKey, agent: AgentPubKey): Promise<NodeKey | undefined>;
  count(holder: AgentPubKey): Promise<number>;
  write(holder: AgentPubKey, agent: AgentPubKey, node: NodeKey): Promise<void>;
  remove(holder: AgentPubKey, agent: AgentPubKey): Promise<void>;
  /** @throws CardsFullError */
  putAgent(record: SignedAgentRecord, holds: number): Promise<PutOutcome>;
  /** @throws CardsFullError */
  putNode(record: SignedNodeRecord, holds: number): Promise<PutOutcome>;
  releaseAgent(agent: AgentPubKey): Promise<void>;
  releaseNode(node: NodeKey): Promise<void>;
}

/** There is no room for the card: its transaction is rolled back. */
export class CardsFullError extends Error {
  override readonly name = 'CardsFullError';
}

export interface CardTaking {
  readonly holder: AgentPubKey;
  readonly card: ContactCard;
  /** How many cards one agent may hold. */
  readonly share: number;
}

/** @throws CardsFullError */
export async function takeCard(rows: CardRows, { card, holder, share }: CardTaking): Promise<CardOutcome> {
  const { agent } = card.agent.content;
  const { node } = card.node.content;
  const before = await rows.find(holder, agent);
  const isNew = before === undefined;
  if (isNew && (await rows.count(holder)) >= share) return 'share-used';
  const taken = await rows.putAgent(card.agent, isNew ? 1 : 0);
  if (taken === 'forked') {
    // The evidence stays. Which of the two is right nobody knows, so that neither is held.
    if (isNew) await rows.releaseAgent(agent);
    return { agent: taken, node: null };
  }
  const put = await holdNode(rows, card.node, before);
  await rows.write(holder, agent, node);
  return { agent: taken, node: put };
}

/** @param before the node that was held for the contact until now */
async function holdNode(rows: CardRows, record: SignedNodeRecord, before?: NodeKey): Promise<PutOutcome> {
  if (before === record.content.node) return rows.putNode(record, 0);
  const put = await rows.putNode(record, 1);
  if (before !== undefined) await rows.releaseNode(before);
  return put;
}

export async function releaseCard(rows: CardRows, holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
  const node = await rows.find(holder, agent);
  if (node === undefined) return;
  await rows.remove(holder, agent);
  await rows.releaseAgent(agent);
  await rows.releaseNode(node);
}
