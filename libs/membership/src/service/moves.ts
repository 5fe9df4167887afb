import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import {
  LinkRefusedError,
  type NodeKey,
  type NodeLinks,
  type NodePlace,
  type Question,
} from '@musubi/network/nodes';
import { type SignedAgentRecord } from '../record/agent-record.js';
import { type MembershipHooks } from './hooks.js';
import { type AgentStatement, encodeStatement, readStatement } from './statement.js';
import { type MembershipStores } from './stores.js';

/** The new home of an agent tells the old one. The payload is a statement, and so is an answer that names another home. */
export const MOVED_TOPIC = 'moved/1';
/** Where does an agent live that has left your node? The payload is its key, the answer a statement. */
export const WHERE_TOPIC = 'where/1';

export function isOfMoves({ topic }: Question): boolean {
  return topic === MOVED_TOPIC || topic === WHERE_TOPIC;
}

const REFUSED: RemoteCallOutcome = { kind: 'refused', code: 'agent-moved', retryable: false };
const UNKNOWN: RemoteCallOutcome = { kind: 'refused', code: 'unknown-agent', retryable: false };

/** What the old home says to the new one. */
export type MoveAnswer =
  /** It writes nothing more for the agent. */
  | 'taken'
  /** The agent went back, or to another node: it has signed a later record, or another one with the same seq. */
  | 'refused'
  /** It is there, and busy, or its answer was lost: ask again. */
  | 'unanswered'
  /** There is no link to it. */
  | 'unreachable';

interface MovesParts extends Pick<MembershipHooks, 'hasLeft'> {
  readonly links: Pick<NodeLinks, 'ask' | 'reach'>;
  readonly stores: Pick<MembershipStores, 'agents' | 'peers'>;
  /** A newer record of an agent was stored. */
  readonly onAgent: (agent: AgentPubKey, before: SignedAgentRecord | undefined) => void;
}

/** What nodes say to one another of agents that move between them. */
export class Moves {
  constructor(private readonly parts: MovesParts) {}

  answer(question: Question): Promise<RemoteCallOutcome> {
    return question.topic === MOVED_TOPIC ? this.take(question) : this.tell(question);
  }

  /** Tells the old home that the agent is here. */
  async announceTo(place: NodePlace, statement: AgentStatement): Promise<MoveAnswer> {
    const { links } = this.parts;
    if (!(await links.reach(place, { isUrgent: true }))) return 'unreachable';
    const outcome = await links.ask(place.node, MOVED_TOPIC, encodeStatement(statement));
    if (outcome.kind === 'ok') return 'taken';
    return outcome.kind === 'refused' && !outcome.retryable ? 'refused' : 'unanswered';
  }

  /** Asks a node that an agent has left where it is. @returns whether there is news */
  async learnFrom(node: NodeKey, agent: AgentPubKey): Promise<boolean> {
    const outcome = await this.parts.links.ask(node, WHERE_TOPIC, fromBase64Url(agent));
    const statement = outcome.kind === 'ok' ? readStatement(outcome.reply) : null;
    if (statement?.agent.content.agent !== agent) return false;
    return (await this.store(statement, node)) === 'stored';
  }

  /** What the old home of an agent knew of another one: as true as what peers tell, and as short-lived. */
  async hear(statement: AgentStatement, toldBy: NodeKey): Promise<void> {
    await this.store(statement, toldBy);
  }

  private async take({ payload, peer }: Question): Promise<RemoteCallOutcome> {
    const statement = readStatement(payload);
    if (statement?.node.content.node !== peer) throw new LinkRefusedError('bad-record');
    if (this.parts.hasLeft?.(statement.agent.content.agent) === undefined) return UNKNOWN;
    const outcome = await this.store(statement, peer);
    return outcome === 'stored' || outcome === 'known' ? { kind: 'ok', reply: new Uint8Array() } : REFUSED;
  }

  /** Of its own agents only: what it knows of others it got in confidence. */
  private async tell({ payload }: Question): Promise<RemoteCallOutcome> {
    const agent = agentIn(payload);
    if (this.parts.hasLeft?.(agent) !== 'moved') return UNKNOWN;
    const { agents, peers } = this.parts.stores;
    const record = (await agents.find(agent))?.record;
    const node = record && (await peers.find(record.content.node))?.record;
    if (record === undefined || node === undefined) return UNKNOWN;
    return { kind: 'ok', reply: encodeStatement({ agent: record, node }) };
  }

  private async store({ agent, node }: AgentStatement, toldBy: NodeKey): Promise<string> {
    const { agents, peers } = this.parts.stores;
    const key = agent.content.agent;
    const before = (await agents.find(key))?.record;
    await peers.put(node, toldBy);
    const outcome = await agents.put(agent, toldBy);
    if (outcome === 'stored') this.parts.onAgent(key, before);
    return outcome;
  }
}

function agentIn(payload: Uint8Array): AgentPubKey {
  try {
    return parseAgentPubKey(toBase64Url(payload));
  } catch {
    throw new LinkRefusedError('bad-notice');
  }
}
