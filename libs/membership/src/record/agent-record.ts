import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';
import { z } from 'zod';
import { agentKeyItem, hasLease, nodeKeyItem, seqItem, timeItem } from './items.js';
import { type Dated, RecordKind, type SignedRecord } from './signed-record.js';

/** On which node an agent is, as it says itself. A higher seq with another node says that it has moved. */
export interface AgentRecord extends Dated {
  readonly agent: AgentPubKey;
  readonly node: NodeKey;
  /** The agent has left the node and is on no other. A higher seq may say that it is back. */
  readonly tombstone: boolean;
}

const schema: z.ZodType<AgentRecord> = z
  .tuple([agentKeyItem, nodeKeyItem, z.boolean(), seqItem, timeItem, timeItem])
  .transform(([agent, node, tombstone, seq, issued, expires]) => ({
    agent,
    node,
    tombstone,
    seq,
    issued,
    expires,
  }))
  .refine(hasLease);

export type SignedAgentRecord = SignedRecord<AgentRecord>;

/** Signed with the agent's key, while it is unlocked. */
export const agentRecords = new RecordKind<AgentRecord>({
  domain: 'musubi/agent-record',
  schema,
  itemsOf: ({ agent, node, tombstone, seq, issued, expires }) => [
    fromBase64Url(agent),
    fromBase64Url(node),
    tombstone,
    seq,
    issued,
    expires,
  ],
  signerOf: ({ agent }) => agent,
});
