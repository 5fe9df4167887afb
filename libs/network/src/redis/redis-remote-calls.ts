import { type AgentPubKey, type Clock, type Presence } from '@musubi/messaging';
import {
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteCalls,
  type RemoteFunction,
  type StopServing,
} from '../remote-calls.js';
import { decodeCall, decodeReply, encodeCall, encodeReply } from './call-frame.js';
import { type RedisLink } from './redis-link.js';

interface RedisRemoteCallsOptions {
  /** Calls to the agents of this process. */
  readonly inner: RemoteCalls;
  readonly presence: Presence;
  readonly link: Pick<RedisLink, 'claim' | 'hears' | 'listen' | 'listened' | 'publish' | 'whenCut'>;
  readonly clock: Clock;
  /** How long a caller waits for the reply before the outcome is `unknown`. */
  readonly timeoutMs: number;
  /** A random name that nobody has had before, for this process and for each call. */
  readonly newId: () => string;
}

/** Agents of several processes of one node calling one another. To an agent of this process, nothing changes. */
export class RedisRemoteCalls implements RemoteCalls {
  private readonly replyTopic: string;
  private readonly awaited = new Map<string, (outcome: RemoteCallOutcome) => void>();
  private readonly doors = new Map<AgentPubKey, () => void>();

  constructor(private readonly options: RedisRemoteCallsOptions) {
    const { link, newId } = options;
    this.replyTopic = `reply/${newId()}`;
    link.listen(this.replyTopic, (frame) => {
      this.takeReply(frame);
    });
    link.whenCut(() => {
      for (const answer of this.awaited.values()) answer({ kind: 'unknown', detail: 'Redis was lost' });
    });
  }

  serve(fn: string, answer: RemoteFunction): StopServing {
    return this.options.inner.serve(fn, answer);
  }

  /** From now on other processes reach this agent here. */
  announce(agent: AgentPubKey): void {
    if (this.doors.has(agent)) return;
    const close = this.options.link.listen(callTopic(agent), (frame) => {
      void this.takeCall(agent, frame);
    });
    this.doors.set(agent, close);
  }

  withdraw(agent: AgentPubKey): void {
    this.doors.get(agent)?.();
    this.doors.delete(agent);
  }

  /** Which of the agents are online in some process. Without an answer of Redis, only this process counts. */
  async onlineAmong(agents: readonly AgentPubKey[]): Promise<ReadonlySet<AgentPubKey>> {
    const { clock, link, presence, timeoutMs } = this.options;
    const online = new Set(agents.filter((agent) => presence.isOnline(agent)));
    const away = agents.filter((agent) => !online.has(agent));
    if (away.length === 0) return online;
    const waiting = new AbortController();
    const timeout = clock.sleep(timeoutMs, waiting.signal).then((): readonly string[] => []);
    const listened = new Set(await Promise.race([link.listened(away.map(callTopic)), timeout]));
    waiting.abort();
    for (const agent of away) if (listened.has(callTopic(agent))) online.add(agent);
    return online;
  }

  call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const { inner, presence } = this.options;
    return presence.isOnline(call.to) ? inner.call(call) : this.callAway(call);
  }

  private async callAway(call: RemoteCall): Promise<RemoteCallOutcome> {
    const { clock, link, newId, timeoutMs } = this.options;
    // A reply that cannot be heard would turn each success into a doubt.
    if (!link.hears(this.replyTopic)) {
      return { kind: 'not-sent', detail: 'the callee is not online here, and Redis is away' };
    }
    const id = newId();
    const waiting = new AbortController();
    const reply = new Promise<RemoteCallOutcome>((resolve) => this.awaited.set(id, resolve));
    const timeout = clock
      .sleep(timeoutMs, waiting.signal)
      .then((): RemoteCallOutcome => ({ kind: 'unknown', detail: `no reply within ${timeoutMs} ms` }));
    try {
      return await Promise.race([this.publish(id, call).then((failed) => failed ?? reply), reply, timeout]);
    } finally {
      this.awaited.delete(id);
      waiting.abort();
    }
  }

  /** @returns what went wrong, or null when some process has the call */
  private async publish(id: string, call: RemoteCall): Promise<RemoteCallOutcome | null> {
    const frame = encodeCall({ id, replyTo: this.replyTopic, call });
    const published = await this.options.link.publish(callTopic(call.to), frame);
    if (published.kind !== 'sent')
      return { kind: published.kind, detail: 'Redis was lost, or refused the call' };
    return published.receivers === 0 ? { kind: 'not-sent', detail: 'the callee is offline' } : null;
  }

  private takeReply(frame: Uint8Array): void {
    const reply = decodeReply(frame);
    if (reply !== null) this.awaited.get(reply.id)?.(reply.outcome);
  }

  /**
   * An agent may be online in several processes: the one that claims the call answers it, since a refusal by one
   * must mean that none has committed.
   */
  private async takeCall(agent: AgentPubKey, frame: Uint8Array): Promise<void> {
    const { inner, link, timeoutMs } = this.options;
    const travelling = decodeCall(frame);
    if (travelling?.call.to !== agent) return;
    const { id, replyTo, call } = travelling;
    if (!(await link.claim(`claim/${id}`, 2 * timeoutMs))) return;
    const outcome = await inner.call(call);
    await link.publish(replyTo, encodeReply({ id, outcome }));
  }
}

function callTopic(agent: AgentPubKey): string {
  return `call/${agent}`;
}
