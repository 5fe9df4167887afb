import { toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, MICROSECONDS_PER_DAY, parseAgentPubKey, timestampSchema } from '@musubi/messaging';
import { type NodeKey, parseNodeKey } from '@musubi/network/nodes';
import { z } from 'zod';
import { type Dated } from './signed-record.js';

const KEY_BYTES = 32;
/** Presence is a short lease: a node that crashed may count as present for that long at most. */
export const MAX_LEASE_US = MICROSECONDS_PER_DAY;

const keyBytes = z.instanceof(Uint8Array).refine((bytes) => bytes.length === KEY_BYTES, 'not 32 bytes');

export const nodeKeyItem: z.ZodType<NodeKey> = keyBytes.transform((bytes) =>
  parseNodeKey(toBase64Url(bytes)),
);
export const agentKeyItem: z.ZodType<AgentPubKey> = keyBytes.transform((bytes) =>
  parseAgentPubKey(toBase64Url(bytes)),
);
export const seqItem = z.number().int().min(1);
export const timeItem = timestampSchema;

export function hasLease({ issued, expires }: Pick<Dated, 'issued' | 'expires'>): boolean {
  return expires > issued && expires - issued <= MAX_LEASE_US;
}
