import { type AgentPubKey, agentPubKeySchema, opaqueString } from '@musubi/messaging';
import { passphraseSchema } from '../agents/agents.schemas.js';
import { ApiError } from '../problem/api-error.js';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** Agent and passphrase, as RFC 7617 sends them: the body is a file. @throws ApiError `unauthenticated` */
export function basicCredentials(header: string | undefined): {
  readonly agent: AgentPubKey;
  readonly passphrase: string;
} {
  const [, encoded = ''] = BASIC.exec(header ?? '') ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const end = text.indexOf(':');
  const agent = agentPubKeySchema.safeParse(text.slice(0, Math.max(0, end)));
  const passphrase = passphraseSchema.safeParse(text.slice(end + 1));
  if (agent.success && passphrase.success)
    return { agent: agent.data, passphrase: opaqueString(passphrase.data) };
  throw new ApiError('unauthenticated', 'The agent and its passphrase are needed: Authorization: Basic.');
}
