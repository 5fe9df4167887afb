import { z } from 'zod';
import { newPassphraseSchema, passphraseSchema } from '../agents/agents.schemas.js';

const newPassphrase = newPassphraseSchema.describe('Seals the keys from now on.');

export const passphraseChangeSchema = z.strictObject({
  passphrase: passphraseSchema
    .optional()
    .describe('Opens the keys. An unattended agent needs none: it gets its first passphrase.'),
  newPassphrase,
});
export type PassphraseChange = z.infer<typeof passphraseChangeSchema>;

export const recoveryWordsRequestSchema = z.strictObject({ passphrase: passphraseSchema });
export type RecoveryWordsRequest = z.infer<typeof recoveryWordsRequestSchema>;

export const recoveryWordsSchema = z.object({
  words: z.string().describe('24 English words (BIP 39). Who has them has the agent, for good.'),
});

const MAX_WORDS_LENGTH = 512;

export const recoverySchema = z.strictObject({
  words: z
    .string()
    .min(1, 'words: must not be empty')
    .max(MAX_WORDS_LENGTH, `words: must be at most ${MAX_WORDS_LENGTH} characters`)
    .describe('What `recovery-words` answered, in any case and with any space between.'),
  newPassphrase,
});
export type Recovery = z.infer<typeof recoverySchema>;
