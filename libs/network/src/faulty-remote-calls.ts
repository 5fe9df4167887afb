import { type AgentPubKey, type Clock } from '@musubi/messaging';
import { type FaultBounds, type FaultPlan } from './fault-plan.js';
import {
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteCalls,
  type RemoteFunction,
  type StopServing,
} from './remote-calls.js';

/** What can go wrong with one call. */
export type NetworkFault =
  /** It never leaves. */
  | { readonly kind: 'not-sent' }
  /** The callee says no, with this code, and commits nothing. */
  | { readonly kind: 'refused'; readonly code: string; readonly retryable: boolean }
  /** The callee commits; the caller never hears of it. */
  | { readonly kind: 'reply-lost' }
  /** It takes so much longer. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** It arrives twice. */
  | { readonly kind: 'duplicate' }
  /** It is overtaken by the next call to the same agent, if there is one within so many milliseconds. */
  | { readonly kind: 'reorder'; readonly ms: number };

/** Which calls a fault strikes. */
export interface NetworkFaultRule extends FaultBounds {
  readonly fault: NetworkFault;
  /** Only calls of this function. */
  readonly fn?: string | undefined;
  /** Only calls to this agent. */
  readonly to?: AgentPubKey | undefined;
}

function fits({ fn, to }: NetworkFaultRule, call: RemoteCall): boolean {
  return (fn === undefined || fn === call.fn) && (to === undefined || to === call.to);
}

/** Remote calls with faults, the one place where the network can be made to fail. */
export class FaultyRemoteCalls implements RemoteCalls {
  /** Who waits to be overtaken, by the callee. */
  private readonly overtakable = new Map<AgentPubKey, AbortController>();

  constructor(
    private readonly inner: RemoteCalls,
    private readonly plan: FaultPlan<NetworkFaultRule>,
    private readonly clock: Pick<Clock, 'sleep'>,
  ) {}

  serve(fn: string, answer: RemoteFunction): StopServing {
    return this.inner.serve(fn, answer);
  }

  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const struck = this.plan.strike((rule) => fits(rule, call));
    try {
      return await (struck === undefined ? this.inner.call(call) : this.suffer(call, struck.fault));
    } finally {
      if (struck?.fault.kind !== 'reorder') this.overtakable.get(call.to)?.abort();
    }
  }

  private async suffer(call: RemoteCall, fault: NetworkFault): Promise<RemoteCallOutcome> {
    switch (fault.kind) {
      case 'not-sent':
        return { kind: 'not-sent', detail: 'a fault was asked for' };
      case 'refused':
        return { kind: 'refused', code: fault.code, retryable: fault.retryable };
      case 'reply-lost':
        await this.inner.call(call);
        return { kind: 'unknown', detail: 'a fault was asked for' };
      case 'delay':
        await this.clock.sleep(fault.ms);
        return this.inner.call(call);
      case 'duplicate': {
        const [first] = await Promise.all([this.inner.call(call), this.inner.call(call)]);
        return first;
      }
      case 'reorder':
        await this.letPass(call.to, fault.ms);
        return this.inner.call(call);
    }
  }

  private async letPass(callee: AgentPubKey, ms: number): Promise<void> {
    const overtaken = new AbortController();
    this.overtakable.set(callee, overtaken);
    await this.clock.sleep(ms, overtaken.signal);
    if (this.overtakable.get(callee) === overtaken) this.overtakable.delete(callee);
  }
}
