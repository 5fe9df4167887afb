import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { InProcessRemoteCalls, type RemoteCall } from '@musubi/network';
import { ManualClock } from './manual-clock.js';

export const FN = 'test/double';

export const alice = agentOf(1);
export const bob = agentOf(2);

export function agentOf(byte: number): AgentPubKey {
  return parseAgentPubKey(Buffer.alloc(32, byte).toString('base64url'));
}

export function callTo(to: AgentPubKey, payload = Uint8Array.of(1, 2, 3)): RemoteCall {
  return { from: alice, to, fn: FN, payload };
}

export interface Wire {
  readonly clock: ManualClock;
  readonly online: Set<AgentPubKey>;
  readonly calls: InProcessRemoteCalls;
}

/** A network of one node on which Bob is online and time stands still. */
export function openWire(): Wire {
  const clock = new ManualClock();
  const online = new Set([bob]);
  const presence = { isOnline: (agent: AgentPubKey) => online.has(agent) };
  return { clock, online, calls: new InProcessRemoteCalls({ presence, clock, timeoutMs: 100 }) };
}
