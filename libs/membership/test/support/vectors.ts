import { readFileSync } from 'node:fs';
import { agentPubKeySchema, timestampSchema } from '@musubi/messaging';
import { parseNodeKey } from '@musubi/network/nodes';
import { z } from 'zod';

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})+$/)
  .transform((text) => Uint8Array.from(Buffer.from(text, 'hex')));
const nodeKey = z.string().transform(parseNodeKey);
const dated = { seq: z.number(), issued: timestampSchema, expires: timestampSchema };

const vectorSchema = z.strictObject({
  nodeSeed: hex,
  agentSeed: hex,
  nodeContent: z.strictObject({
    node: nodeKey,
    addresses: z.array(z.string()),
    relays: z.array(z.strictObject({ node: nodeKey, address: z.string() })),
    arc: z.enum(['full', 'nearest']),
    ...dated,
  }),
  nodeRecord: hex,
  nodeFingerprint: hex,
  agentContent: z.strictObject({
    agent: agentPubKeySchema,
    node: nodeKey,
    tombstone: z.boolean(),
    ...dated,
  }),
  agentRecord: hex,
  agentFingerprint: hex,
  card: z.string(),
  digest: hex,
  answer: hex,
  delivery: hex,
});

/** Frozen, and computed by another implementation: Python's hashlib, a CBOR encoder by hand, OpenSSL's Ed25519. */
export const vector = vectorSchema.parse(
  JSON.parse(readFileSync(new URL('../vectors/records-and-card.json', import.meta.url), 'utf8')),
);
