import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, agentPubKeySchema } from '@musubi/messaging';
import { z } from 'zod';

const wellFormed = (what: string, max: number) =>
  z
    .string()
    .min(1, `${what}: must not be empty`)
    .max(max, `${what}: must be at most ${max} characters`)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), `${what}: must be well-formed Unicode`);

export const newAgentSchema = z.strictObject({
  nickname: wellFormed('nickname', 64).describe('How others find this agent. Need not be unique.'),
  passphrase: wellFormed('passphrase', 1024)
    .min(8, 'passphrase: must be at least 8 characters')
    .optional()
    .describe('Seals the keys. Without one the agent is unattended: online whenever the node is.'),
});
export type NewAgent = z.infer<typeof newAgentSchema>;

export const newSessionSchema = z.strictObject({
  agent: agentPubKeySchema,
  passphrase: wellFormed('passphrase', 1024),
});
export type NewSession = z.infer<typeof newSessionSchema>;

export const limitSchema = z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE);

export const directoryQuerySchema = z.strictObject({
  search: z
    .string()
    .max(64)
    .refine((text) => !text.includes('\0'), 'search: must not contain U+0000')
    .default(''),
  after: z.string().max(512).optional().describe('The `next` of the page before.'),
  limit: limitSchema,
});
export type DirectoryQuery = z.infer<typeof directoryQuerySchema>;

export const agentParamSchema = agentPubKeySchema;

export const agentViewSchema = z.object({
  agent: z.string().describe('Ed25519 public key, base64url.'),
  nickname: z.string(),
  online: z.boolean().describe('The node holds the unlocked key of this agent.'),
});
export type AgentView = z.infer<typeof agentViewSchema>;

export const agentTokenSchema = z.object({
  agent: z.string(),
  token: z.string().describe('Bearer token. It is shown once.'),
});

export const sessionTokenSchema = agentTokenSchema.pick({ token: true });

export const agentPageSchema = z.object({
  items: z.array(agentViewSchema),
  next: z.string().nullable(),
  prev: z.null(),
});
