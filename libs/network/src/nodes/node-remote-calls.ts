import { type Presence } from '@musubi/messaging';
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

export interface NodeRemoteCallsOptions {
  /** Calls to the agents of this node. */
  readonly inner: RemoteCalls;
  readonly presence: Presence;
  readonly self: NodeKey;
  readonly whereabouts: Whereabouts;
  readonly links: Pick<NodeLinks, 'call'>;
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
    return place.node === self ? inner.call(call) : links.call(place, call);
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
