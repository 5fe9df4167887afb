import { agentPubKeySchema } from '@musubi/messaging';
import { z } from 'zod';
import { agentTokenSchema, passphraseSchema } from './agents.schemas.js';

export const newSessionSchema = z.strictObject({
  agent: agentPubKeySchema,
  passphrase: passphraseSchema,
});
export type NewSession = z.infer<typeof newSessionSchema>;

/** 16 bytes as base64url, in the one spelling that they have. */
export const sessionParamSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, 'session: expected 16 bytes as base64url');

export const sessionTokenSchema = agentTokenSchema.pick({ token: true });

const time = z.string().describe('RFC 3339, UTC, microseconds.');

const sessionViewSchema = z.object({
  id: z.string().describe('Names the session. It is not a token.'),
  createdAt: time,
  lastUsedAt: time.describe(
    'A moment shortly before the last request: at most an hour, or a twentieth of the idle time.',
  ),
  expiresAt: time.nullable().describe('When the session ends unless it is used before; `null`: never.'),
  current: z.boolean().describe('The session of this request.'),
});

export const sessionListSchema = z.object({
  items: z.array(sessionViewSchema),
  next: z.null(),
  prev: z.null(),
});
