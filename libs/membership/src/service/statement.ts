import { decodeCanonical, encodeCanonical } from '@musubi/crypto';
import { z } from 'zod';
import { type SignedAgentRecord, agentRecords } from '../record/agent-record.js';
import { type SignedNodeRecord, nodeRecords } from '../record/node-record.js';
import { MAX_RECORD_BYTES } from '../record/signed-record.js';

/** What a node says of one of its agents: the agent's own record, and the node's, so that both can be called back. */
export interface AgentStatement {
  readonly agent: SignedAgentRecord;
  readonly node: SignedNodeRecord;
}

const STATEMENT_VERSION = 1;
const recordBytes = z.instanceof(Uint8Array).refine((bytes) => bytes.length <= MAX_RECORD_BYTES);
const schema = z.tuple([z.literal(STATEMENT_VERSION), recordBytes, recordBytes]);

export function encodeStatement({ agent, node }: AgentStatement): Uint8Array {
  return encodeCanonical([STATEMENT_VERSION, agent.bytes, node.bytes]);
}

/** Verifies both signatures. @throws Error, MalformedBytesError, RecordRefusedError */
export function decodeStatement(bytes: Uint8Array): AgentStatement {
  const [, agent, node] = schema.parse(decodeCanonical(bytes));
  return { agent: agentRecords.open(agent), node: nodeRecords.open(node) };
}

/** @returns null for bytes that are none: both records belong to one node, and their signers have signed them */
export function readStatement(bytes: Uint8Array): AgentStatement | null {
  try {
    const statement = decodeStatement(bytes);
    return statement.agent.content.node === statement.node.content.node ? statement : null;
  } catch {
    return null;
  }
}
