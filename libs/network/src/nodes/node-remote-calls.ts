import { type AgentPubKey, type Presence } from '@musubi/messaging';
import {
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteCalls,
  type RemoteFunction,
  type StopServing,
} from '../remote-calls.js';
import { type NodeKey } from './node-key.js';
import { type NodeLinks } from './node-links.js';
import { type NodePlace, type Whereabouts } from './whereabouts.js';

/** What a node answers that the callee has left. */
export const MOVED = 'agent-moved';

interface NodeRemoteCallsOptions {
  /** Calls to the agents of this node. */
  readonly inner: RemoteCalls;
  readonly presence: Presence;
  readonly self: NodeKey;
  readonly whereabouts: Whereabouts;
  readonly links: Pick<NodeLinks, 'call'>;
  /** A node says that the callee has left it. @returns whether it is known now where the callee lives */
  readonly learnWhere?: ((agent: AgentPubKey, from: NodeKey) => Promise<boolean>) | undefined;
}

/** Agents of several nodes calling one another. To an agent of this node, nothing changes. */
export class NodeRemoteCalls implements RemoteCalls {
  constructor(private readonly options: NodeRemoteCallsOptions) {}

  serve(fn: string, answer: RemoteFunction): StopServing {
    return this.options.inner.serve(fn, answer);
  }

  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const { inner, links, presence, self } = this.options;
    if (presence.isOnline(call.to)) return inner.call(call);
    const place = await this.placeOf(call);
    if (place === undefined) return { kind: 'not-sent', detail: 'no address of the callee is known' };
    if (place.node === self) return inner.call(call);
    const outcome = await links.call(place, call);
    return isMoved(outcome) ? this.callAgain(place, call, outcome) : outcome;
  }

  /** Once: nothing has happened at the node that the callee has left. */
  private async callAgain(
    from: NodePlace,
    call: RemoteCall,
    refused: RemoteCallOutcome,
  ): Promise<RemoteCallOutcome> {
    const { learnWhere, links, self } = this.options;
    const hasNews = await learnWhere?.(call.to, from.node).catch(() => false);
    const place = hasNews === true ? await this.placeOf(call) : undefined;
    if (place === undefined || place.node === self || place.node === from.node) return refused;
    return links.call(place, call);
  }

  /** A book of addresses that fails knows none: nothing was sent. */
  private async placeOf({ to }: RemoteCall): Promise<NodePlace | undefined> {
    try {
      return await this.options.whereabouts.nodeOf(to);
    } catch {
      return undefined;
    }
  }
}

function isMoved(outcome: RemoteCallOutcome): boolean {
  return outcome.kind === 'refused' && outcome.code === MOVED;
}
