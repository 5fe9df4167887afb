import { PATIENCE_MS } from '../../../../test/support/patience.js';
import { expect } from '@jest/globals';
import { z } from 'zod';
import { type Agent, type Client } from './client.js';

export const PASSPHRASE = 'correct horse battery staple';
const MESSAGES = '/v1/strategies/source-chain/messages';

export const sessionsSchema = z.object({
  items: z.array(
    z.object({
      id: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
      createdAt: z.string(),
      lastUsedAt: z.string(),
      expiresAt: z.string().nullable(),
      current: z.boolean(),
    }),
  ),
  next: z.null(),
  prev: z.null(),
});

export const signIn = async (client: Client, { agent }: Agent): Promise<Agent> => {
  const { token } = await client.get('token', '/v1/sessions', { body: { agent, passphrase: PASSPHRASE } });
  return { agent, token };
};
export const sessionsOf = async (client: Client, { token }: Agent): Promise<z.infer<typeof sessionsSchema>> =>
  sessionsSchema.parse(await (await client.request('/v1/sessions', { token })).json());
export const statusOf = async (client: Client, { token }: Agent, path = MESSAGES): Promise<number> =>
  (await client.request(path, { token })).status;
export const end = async (client: Client, { token }: Agent, session = '/current'): Promise<number> =>
  (await client.request(`/v1/sessions${session}`, { token, method: 'DELETE' })).status;
export const idOf = async (client: Client, session: Agent): Promise<string> =>
  `/${(await sessionsOf(client, session)).items.find(({ current }) => current)?.id ?? ''}`;
export const isOnline = async (client: Client, { agent }: Agent, by: Agent): Promise<boolean> => {
  const { items } = await client.get('directory', '/v1/agents', { token: by.token });
  return items.some((item) => item.agent === agent && item.online);
};
/** The text resolves when the service has ended the stream. */
export const streamOf = async (
  client: Client,
  { token }: Agent,
): Promise<{ readonly text: Promise<string> }> => {
  const headers = { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(`${client.url}/v1/signals`, { headers, signal });
  expect(response.status).toBe(200);
  return { text: response.text() };
};
