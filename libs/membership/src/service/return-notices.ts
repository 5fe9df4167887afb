import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { LinkRefusedError, type NodeKey, type NodeLinks, type Question } from '@musubi/network/nodes';
import { type MembershipHooks } from './hooks.js';
import { type MembershipStores } from './stores.js';
import { VainCalls } from './vain-calls.js';

/** Says that an agent which the asked node has called in vain is online now. The payload is the agent's key. */
export const BACK_TOPIC = 'back/1';

interface ReturnNoticesParts extends Pick<MembershipHooks, 'onBack'> {
  readonly links: Pick<NodeLinks, 'ask'>;
  readonly stores: Pick<MembershipStores, 'agents'>;
}

/** Tells peers that agents of this node are online again, and hears the same of theirs. */
export class ReturnNotices {
  private readonly vainCalls = new VainCalls();

  constructor(private readonly parts: ReturnNoticesParts) {}

  noteVainCall(peer: NodeKey, agent: AgentPubKey): void {
    this.vainCalls.note(peer, agent);
  }

  /** There is no link any more. When there is one again, the peer tries by itself whatever waits there. */
  forget(peer: NodeKey): void {
    this.vainCalls.forget(peer);
  }

  /** Tells those that have called the agent in vain over a link that there still is, and nobody else. Once. */
  async tell(agent: AgentPubKey): Promise<void> {
    const peers = this.vainCalls.take(agent);
    const payload = fromBase64Url(agent);
    await Promise.all(peers.map((peer) => this.parts.links.ask(peer, BACK_TOPIC, payload)));
  }

  /**
   * Only the node that the agent's latest record names can say so. The answer does not tell what this node knows of the
   * agent, nor whether anything waits for it. @throws LinkRefusedError for what is no agent's key
   */
  async answer({ payload, peer }: Question): Promise<RemoteCallOutcome> {
    const agent = agentOf(payload);
    const content = (await this.parts.stores.agents.find(agent))?.record.content;
    if (content?.node === peer && !content.tombstone) this.parts.onBack?.(agent);
    return { kind: 'ok', reply: new Uint8Array() };
  }
}

function agentOf(payload: Uint8Array): AgentPubKey {
  try {
    return parseAgentPubKey(toBase64Url(payload));
  } catch {
    throw new LinkRefusedError('bad-notice');
  }
}
