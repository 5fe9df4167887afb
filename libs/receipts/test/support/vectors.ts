import { readFileSync } from 'node:fs';
import { messageDraftSchema, messageIdSchema, signedReceiptSchema } from '@musubi/messaging';
import { z } from 'zod';

const hex = z.string().regex(/^([0-9a-f]{2})+$/);
const unsignedSchema = z.record(z.string(), z.union([z.string(), z.number()]));

const vectorSchema = z.strictObject({
  authorSeed: hex,
  recipientSeed: hex,
  message: messageDraftSchema,
  canonicalMessage: hex,
  messageId: messageIdSchema,
  receipts: z.array(
    z
      .strictObject({ receipt: unsignedSchema, bytes: hex, signature: z.string() })
      .transform(({ receipt, bytes, signature }) => ({
        bytes,
        signed: signedReceiptSchema.parse({ ...receipt, signature }),
      })),
  ),
});

/** Frozen, and computed by another implementation: Python's hashlib, a CBOR encoder by hand, OpenSSL's Ed25519. */
export const vector = vectorSchema.parse(
  JSON.parse(readFileSync(new URL('../vectors/message-and-receipts.json', import.meta.url), 'utf8')),
);
