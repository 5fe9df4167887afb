import { z } from 'zod';
import { passphraseSchema } from '../agents/agents.schemas.js';

export const deletionSchema = z.strictObject({
  passphrase: passphraseSchema.optional().describe('Opens the keys. An unattended agent needs none.'),
});
export type DeletionRequest = z.infer<typeof deletionSchema>;
