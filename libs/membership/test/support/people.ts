import { AgentKeys } from '@musubi/crypto';
import { type Day, type Timestamp, addDays, dayOf, parseTimestamp } from '@musubi/messaging';
import { NodeIdentity } from '@musubi/network/nodes';
import {
  type AgentRecord,
  type NodeRecord,
  type SignedAgentRecord,
  type SignedNodeRecord,
  agentRecords,
  nodeRecords,
} from '@musubi/membership';

export const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;
export const NOON = parseTimestamp(1_764_000_000_000_000);

export function after(us: number, since: Timestamp = NOON): Timestamp {
  return parseTimestamp(since + us);
}

export function day(number: number): Day {
  return addDays(dayOf(NOON), number);
}

/** Number 0 … 65,535. */
export function nodeNumber(number: number): NodeIdentity {
  return NodeIdentity.fromSeed(seedOf(1, number));
}

export function agentNumber(number: number): AgentKeys {
  return AgentKeys.fromSeed(seedOf(2, number));
}

function seedOf(kind: number, number: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => [kind, number >> 8, number & 0xff][index] ?? 0);
}

export function nodeRecord(identity: NodeIdentity, changes: Partial<NodeRecord> = {}): SignedNodeRecord {
  const content = {
    node: identity.key,
    addresses: ['tcp://192.0.2.1:4040'],
    relays: [],
    arc: 'full' as const,
    seq: 1,
    issued: NOON,
    expires: after(HOUR_US),
  };
  return nodeRecords.sign({ ...content, ...changes }, identity);
}

export function agentRecord(
  keys: AgentKeys,
  node: NodeIdentity,
  changes: Partial<AgentRecord> = {},
): SignedAgentRecord {
  const content = {
    agent: keys.agent,
    node: node.key,
    tombstone: false,
    seq: 1,
    issued: NOON,
    expires: after(HOUR_US),
  };
  return agentRecords.sign({ ...content, ...changes }, keys);
}
