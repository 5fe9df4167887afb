import { opaqueString } from '@musubi/messaging';
import { z } from 'zod';
import { passphraseSchema } from '../agents/agents.schemas.js';

export const exportSchema = z.strictObject({
  passphrase: passphraseSchema
    .overwrite(opaqueString)
    .min(8, 'passphrase: must be at least 8 characters')
    .describe('Opens the keys, and seals the file. An unattended agent chooses one for the file.'),
});
export type Export = z.infer<typeof exportSchema>;

export const returnSchema = z.strictObject({
  passphrase: passphraseSchema.optional().describe('Opens the keys. An unattended agent needs none.'),
});
export type Return = z.infer<typeof returnSchema>;

export const importQuerySchema = z.strictObject({
  abandoned: z
    .enum(['true', 'false'])
    .default('false')
    .describe('The old home is gone for good: that it cannot be reached does not matter.'),
});
export type ImportQuery = z.infer<typeof importQuerySchema>;
