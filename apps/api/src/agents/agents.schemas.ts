import { agentPubKeySchema, isNickname, isOpaqueString, nicknameOf, opaqueString } from '@musubi/messaging';
import { z } from 'zod';
import { limitSchema } from '../http/page.schemas.js';

const wellFormed = (what: string, max: number): z.ZodString =>
  z
    .string()
    .min(1, `${what}: must not be empty`)
    .max(max, `${what}: must be at most ${max} characters`)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), `${what}: must be well-formed Unicode`);

const MAX_NICKNAME = 64;
const MAX_NICKNAME_BYTES = 192;
const MAX_PASSPHRASE_BYTES = 2048;

/** As it is typed: old ones are not held against rules that are younger. */
export const passphraseSchema = wellFormed('passphrase', 1024).refine(
  (text) => Buffer.byteLength(text) <= MAX_PASSPHRASE_BYTES,
  `passphrase: must be at most ${MAX_PASSPHRASE_BYTES} bytes`,
);

/** As it is chosen: stored by the OpaqueString profile of RFC 8265. */
export const newPassphraseSchema = passphraseSchema
  .overwrite(opaqueString)
  .min(8, 'passphrase: must be at least 8 characters')
  .refine(isOpaqueString, 'passphrase: must have no controls, line breaks or invisible characters');

/** Of an agent, as it is typed: stored by the Nickname profile of RFC 8266. */
export const nameSchema = (what: string): z.ZodString =>
  wellFormed(what, MAX_NICKNAME)
    .overwrite(nicknameOf)
    .max(MAX_NICKNAME, `${what}: must be at most ${MAX_NICKNAME} characters in Unicode's form NFKC`)
    .refine(isNickname, `${what}: must show something, without line breaks, controls or invisible characters`)
    .refine(
      (text) => Buffer.byteLength(text) <= MAX_NICKNAME_BYTES,
      `${what}: must be at most ${MAX_NICKNAME_BYTES} bytes`,
    );

export const newAgentSchema = z.strictObject({
  nickname: nameSchema('nickname').describe(
    'How others find this agent. Need not be unique. Stored by the Nickname profile of RFC 8266.',
  ),
  passphrase: newPassphraseSchema
    .optional()
    .describe('Seals the keys. Without one the agent is unattended: online whenever the node is.'),
});
export type NewAgent = z.infer<typeof newAgentSchema>;

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
  online: z.boolean().describe('Some process of the node holds the unlocked key of this agent.'),
});
export type AgentView = z.infer<typeof agentViewSchema>;

export const agentTokenSchema = z.object({
  agent: z.string(),
  token: z.string().describe('Bearer token. It is shown once.'),
});

export const agentPageSchema = z.object({
  items: z.array(agentViewSchema),
  next: z.string().nullable(),
  prev: z.null(),
});
