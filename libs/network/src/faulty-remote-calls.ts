import { type AgentPubKey, type Clock } from '@musubi/messaging';
import {
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteCalls,
  type RemoteFunction,
  type Unserve,
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
  | { readonly kind: 'duplicate' };

/** Which calls a fault strikes, and how many of them. */
export interface FaultRule {
  readonly fault: NetworkFault;
  /** Only calls of this function. */
  readonly fn?: string;
  /** Only calls to this agent. */
  readonly to?: AgentPubKey;
  /** Only the first so many that it could strike. */
  readonly times?: number;
  /** Only so many of them, from 0 to 1, drawn by the plan's randomness. */
  readonly probability?: number;
}

interface ArmedRule {
  readonly rule: FaultRule;
  left: number;
}

/** The faults that are to happen. Replaced as a whole; the same randomness gives the same faults. */
export class FaultPlan {
  private rules: ArmedRule[] = [];

  constructor(
    /** A number in [0, 1), seeded. */
    private readonly random: () => number,
  ) {}

  set(rules: readonly FaultRule[]): void {
    this.rules = rules.map((rule) => ({ rule, left: rule.times ?? Infinity }));
  }

  /** The fault that strikes this call, if any: that of the first rule that fits. */
  strike(call: Pick<RemoteCall, 'fn' | 'to'>): NetworkFault | undefined {
    for (const armed of this.rules) {
      const { rule } = armed;
      if (armed.left <= 0 || !fits(rule, call)) continue;
      if (rule.probability !== undefined && this.random() >= rule.probability) continue;
      armed.left -= 1;
      return rule.fault;
    }
    return undefined;
  }
}

function fits({ fn, to }: FaultRule, call: Pick<RemoteCall, 'fn' | 'to'>): boolean {
  return (fn === undefined || fn === call.fn) && (to === undefined || to === call.to);
}

/** Remote calls with faults, the one place where the network can be made to fail. */
export class FaultyRemoteCalls implements RemoteCalls {
  constructor(
    private readonly inner: RemoteCalls,
    private readonly plan: FaultPlan,
    private readonly clock: Pick<Clock, 'sleep'>,
  ) {}

  serve(fn: string, answer: RemoteFunction): Unserve {
    return this.inner.serve(fn, answer);
  }

  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const fault = this.plan.strike(call);
    switch (fault?.kind) {
      case undefined:
        return this.inner.call(call);
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
    }
  }
}
