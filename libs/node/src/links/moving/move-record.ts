import { type AgentKeys } from '@musubi/crypto';
import { MAX_LEASE_US, type SignedAgentRecord, agentRecords } from '@musubi/membership';
import { parseTimestamp } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';

interface MovingTo {
  readonly node: NodeKey;
  readonly seq: number;
  readonly issued: number;
}

/** The record by which an agent moves. The same for each import of one file, so that it can be repeated. */
export function moveRecordOf(keys: AgentKeys, { issued, node, seq }: MovingTo): SignedAgentRecord {
  const lease = { issued: parseTimestamp(issued), expires: parseTimestamp(issued + MAX_LEASE_US) };
  return agentRecords.sign({ agent: keys.agent, node, tombstone: false, seq, ...lease }, keys);
}
