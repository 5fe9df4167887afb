import { equalBytes } from '@musubi/crypto';
import { type AgentPubKey, type Log } from '@musubi/messaging';
import { type Introduced, type Introduction, LinkRefusedError, type NodeKey } from '@musubi/network/nodes';
import { type SignedAgentRecord } from '../record/agent-record.js';
import { judge } from '../record/rules.js';
import { type Dated, type SignedRecord } from '../record/signed-record.js';
import { type RecordStore } from '../store/record-store.js';
import { type AgentStatement, decodeStatement } from './statement.js';
import { type MembershipStores } from './stores.js';

interface IntroductionsParts {
  readonly self: NodeKey;
  readonly stores: Pick<MembershipStores, 'agents' | 'peers'>;
  readonly log: Log;
  /** A newer record of an agent was stored. */
  readonly onAgent: (agent: AgentPubKey, before: SignedAgentRecord | undefined) => void;
  /** A newer record of a node was stored. */
  readonly onNode: (node: NodeKey) => void;
}

/** Judges what other nodes say of the agents that prove themselves on links. */
export class Introductions {
  constructor(private readonly parts: IntroductionsParts) {}

  /** @throws LinkRefusedError for a statement that is forged, of another agent, or with the record of another node */
  read(introduced: Introduced): Introduction {
    const statement = verified(introduced);
    return {
      isAtHome: () => this.isAtHome(introduced, statement),
      keep: () => this.keep(introduced.peer, statement),
    };
  }

  /** By the latest record, told or known. Of two with one seq the known one counts. */
  private async isAtHome({ agent, peer }: Introduced, statement: AgentStatement | null): Promise<boolean> {
    const known = (await this.parts.stores.agents.find(agent))?.record;
    const latest = laterOf(known, statement?.agent);
    return latest === undefined || (latest.content.node === peer && !latest.content.tombstone);
  }

  private async keep(peer: NodeKey, statement: AgentStatement | null): Promise<void> {
    if (statement === null) return;
    const { agents, peers } = this.parts.stores;
    const { agent, node } = statement;
    const before = (await agents.find(agent.content.agent))?.record;
    if (await this.put(peers, node.content.node, { record: node, peer })) this.parts.onNode(peer);
    if (await this.put(agents, agent.content.agent, { record: agent, peer }))
      this.parts.onAgent(agent.content.agent, before);
  }

  /** @returns whether it was news */
  private async put<Key, Content extends Dated>(
    store: RecordStore<Key, Content>,
    key: Key,
    { peer, record }: { readonly peer: NodeKey; readonly record: SignedRecord<Content> },
  ): Promise<boolean> {
    const known = (await store.find(key))?.record;
    if (known !== undefined && equalBytes(known.fingerprint, record.fingerprint)) return false;
    const outcome = await store.put(record, peer);
    if (outcome === 'forked') this.parts.log.warn('record-forked');
    return outcome === 'stored';
  }
}

function verified({ agent, peer, statement }: Introduced): AgentStatement | null {
  if (statement === null) return null;
  const told = opened(statement);
  if (told.agent.content.agent !== agent || told.node.content.node !== peer)
    throw new LinkRefusedError('bad-record');
  return told;
}

function opened(statement: Uint8Array): AgentStatement {
  try {
    return decodeStatement(statement);
  } catch {
    throw new LinkRefusedError('bad-record');
  }
}

function laterOf(
  known: SignedAgentRecord | undefined,
  told: SignedAgentRecord | undefined,
): SignedAgentRecord | undefined {
  if (known === undefined || told === undefined) return known ?? told;
  return judge(known, told) === 'newer' ? told : known;
}
