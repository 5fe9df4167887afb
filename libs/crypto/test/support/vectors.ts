import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const hex = z.string().transform((text) => new Uint8Array(Buffer.from(text, 'hex')));

const publishedSchema = z.object({
  ed25519: z.array(z.object({ seed: hex, publicKey: hex, message: hex, signature: hex })),
  x25519: z.array(z.object({ secretKey: hex, publicKey: hex, product: hex })),
  blake2b: z.array(z.object({ message: hex, key: hex.nullable(), digest: hex })),
  xchacha20poly1305: z.array(
    z.object({ key: hex, nonce: hex, associatedData: hex, plaintext: hex, ciphertext: hex }),
  ),
  aes256: z.array(z.object({ key: hex, plaintext: hex, ciphertext: hex })),
  cbor: z.array(z.object({ json: z.json(), bytes: hex })),
  cborByteStrings: z.array(z.object({ value: hex, bytes: hex })),
});

const ownSchema = z.object({
  hash: z.array(z.object({ domain: z.string(), parts: z.array(hex), digest: hex })),
  keyedHash: z.array(z.object({ key: hex, domain: z.string(), parts: z.array(hex), digest: hex })),
  canonical: z.array(z.object({ json: z.json(), bytes: hex })),
  padding: z.array(z.object({ length: z.number(), padded: z.number() })),
  agents: z.array(z.object({ seed: hex, agent: z.string() })),
  pads: z.array(z.object({ seed: hex, domain: z.string(), blocks: hex, pads: hex })),
  pairSecret: hex,
  orderPreserving: z.object({
    key: hex,
    positions: z.array(z.object({ value: z.number(), position: z.string() })),
  }),
  letter: z.object({ plaintext: hex, letter: hex }),
  passphrase: z.object({ passphrase: z.string(), secret: hex, sealed: hex }),
});

function load<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> {
  const text = readFileSync(join(import.meta.dirname, '..', 'vectors', `${name}.json`), 'utf8');
  return schema.parse(JSON.parse(text));
}

/** From standards, with their sources in the file. */
export const published = load('published', publishedSchema);

/** Bytes of our own that must never change: what is stored and signed depends on them. */
export const own = load('own', ownSchema);
